from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerting', '0032_followers'),
    ]

    operations = [
        migrations.AddField(
            model_name='callattempt',
            name='place',
            field=models.CharField(db_collation='C', db_default='', default='', max_length=15),
        ),
        migrations.AddField(
            model_name='callattempt',
            name='account',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='callattempt',
            name='parts',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
    ]
