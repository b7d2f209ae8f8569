"""The part of the trainers that does not depend on what is trained."""
