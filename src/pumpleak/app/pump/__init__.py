"""What `pumpleak pump` asks of enzyme schemes and rate laws, and how it shows the answers."""
