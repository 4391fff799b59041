package content

// SetManyLinks changes how many references are many, and gives what it was.
func SetManyLinks(n int) (was int) {
	was, manyLinks = manyLinks, n
	return was
}
