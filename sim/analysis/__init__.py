"""What results say: comparisons between scenarios."""
