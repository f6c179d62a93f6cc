"""What a machine can judge of a project, criterion by criterion; what only people can is listed beside it."""
