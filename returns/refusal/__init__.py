"""Units that inspection did not accept: judged again, sent back, or abandoned by the customer."""
