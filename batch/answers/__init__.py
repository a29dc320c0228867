"""Answers to questions about an office: values for the command line to say, nothing printed and nothing written."""
