from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerting", "0041_chat_groups")]

    operations = [
        migrations.AddField(
            model_name="chatgroup",
            name="language",
            field=models.CharField(
                choices=[("zh", "中文"), ("en", "English")], db_default="zh", default="zh", max_length=2
            ),
        ),
        migrations.AddField(model_name="chatgroup", name="asked_at", field=models.DateTimeField(null=True)),
    ]
