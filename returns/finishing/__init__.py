"""One go at the desk: what came is counted in, graded and credited, or nothing is changed."""
