import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerting', '0039_channel_rules'),
        ('org', '0008_terminals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PlanArea',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('hazard', models.CharField(blank=True, choices=[('', 'every hazard'), ('rainstorm', 'rainstorm'), ('flood', 'river flood'), ('flash_flood', 'flash flood'), ('waterlogging', 'urban waterlogging'), ('landslide', 'landslide or debris flow'), ('typhoon', 'typhoon'), ('wind', 'strong wind'), ('lightning', 'lightning'), ('hail', 'hail'), ('snow', 'snowstorm'), ('cold', 'cold wave'), ('heat', 'high temperature'), ('fog', 'heavy fog'), ('ice', 'icy roads'), ('wildfire', 'forest fire danger'), ('earthquake', 'earthquake'), ('dam', 'dam or reservoir danger'), ('chemical', 'dangerous chemicals'), ('epidemic', 'epidemic'), ('other', 'other')], default='', max_length=20)),
                ('area', models.JSONField()),
                ('shelters', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), blank=True, default=list, size=None)),
                ('destination', models.CharField(blank=True, max_length=200)),
                ('basis', models.CharField(blank=True, max_length=200)),
                ('changed_at', models.DateTimeField()),
                ('closed_on', models.DateField(null=True)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.place')),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='org.post')),
            ],
            options={
                'ordering': ['place', 'name'],
                'constraints': [models.UniqueConstraint(fields=('place', 'name'), name='plan_area_once_per_place', violation_error_message='There is already a plan area of this name here.')],
            },
        ),
        migrations.AddField(
            model_name='channelcheck',
            name='account',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='channelcheck',
            name='says',
            field=models.TextField(default=''),
        ),
        migrations.RemoveIndex(
            model_name='channelcheck',
            name='channel_check_last',
        ),
        migrations.AddIndex(
            model_name='channelcheck',
            index=models.Index(fields=['channel', 'account', '-asked_at', '-id'], name='channel_check_last'),
        ),
    ]
