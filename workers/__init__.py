"""What happens without anyone asking: time brings pairings forward, in actors that redelivery cannot harm."""
