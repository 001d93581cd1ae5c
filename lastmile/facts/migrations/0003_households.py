"""Households are rows too. What was said of one is personal: it may be deleted with the household, and only then."""

import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
DROP TRIGGER facts_stay ON facts_entry;
CREATE TRIGGER facts_stay BEFORE UPDATE ON facts_entry FOR EACH STATEMENT EXECUTE FUNCTION facts_stay();
CREATE TRIGGER facts_stay_undeleted BEFORE DELETE ON facts_entry FOR EACH ROW WHEN (OLD.home_id IS NULL)
  EXECUTE FUNCTION facts_stay();
"""
BACKWARD = """
DROP TRIGGER facts_stay_undeleted ON facts_entry;
DROP TRIGGER facts_stay ON facts_entry;
CREATE TRIGGER facts_stay BEFORE UPDATE OR DELETE ON facts_entry FOR EACH STATEMENT EXECUTE FUNCTION facts_stay();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0002_facts_stay'),
        ('org', '0007_post_line'),
        ('people', '0008_household_gone'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='cell',
            name='cell_once',
        ),
        migrations.RemoveConstraint(
            model_name='cell',
            name='cell_asked_once',
        ),
        migrations.RemoveIndex(
            model_name='entry',
            name='fact_latest',
        ),
        migrations.AddField(
            model_name='cell',
            name='home',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.household'),
        ),
        migrations.AddField(
            model_name='entry',
            name='home',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.household'),
        ),
        migrations.AddField(
            model_name='layout',
            name='subject',
            field=models.CharField(choices=[('place', 'a place'), ('site', 'a special site'), ('household', 'a household')], db_default='place', default='place', max_length=10),
        ),
        migrations.AlterField(
            model_name='definition',
            name='subject',
            field=models.CharField(choices=[('place', 'a place'), ('site', 'a special site'), ('household', 'a household')], max_length=10),
        ),
        migrations.AlterField(
            model_name='request',
            name='subject',
            field=models.CharField(choices=[('place', 'a place'), ('site', 'a special site'), ('household', 'a household')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['place', 'field', 'site', 'home', '-as_of', '-id'], name='fact_latest'),
        ),
        migrations.AddConstraint(
            model_name='cell',
            constraint=models.UniqueConstraint(fields=('request', 'field', 'place', 'site', 'home'), name='cell_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='cell',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('field', 'place', 'site', 'home'), name='cell_asked_once', nulls_distinct=False),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
