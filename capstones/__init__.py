"""Projects of one's own: templates, notebooks, the check, and what a learner may lean on on the way."""
