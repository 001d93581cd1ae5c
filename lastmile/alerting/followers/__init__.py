"""Followers: whoever asked on the public site to be told of a place. Nobody's residents: no ledger, no coverage.

An issue leaves a job that notes who is owed it (telling.note); a duty of the workers for each kind hands it over
(telling.tick), apart from the main job's dispatch. See docs/adr/0038.
"""
