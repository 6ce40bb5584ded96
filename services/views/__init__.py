"""The pages of services, reports and recognition."""
