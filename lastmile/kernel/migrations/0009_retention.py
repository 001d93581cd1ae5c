from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0008_key_rotation")]

    operations = [
        migrations.CreateModel(
            name="Retention",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("days", models.PositiveSmallIntegerField()),
                ("changed_by", models.CharField(max_length=60)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
    ]
