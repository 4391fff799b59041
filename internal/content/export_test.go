package content

// SetManyLinks changes how many references are many, and gives what it was.
func SetManyLinks(n int) (was int) {
	was, manyLinks = manyLinks, n
	return was
}

// SetAtOnce changes how many entries are made again in one transaction, and gives what it was.
func SetAtOnce(n int) (was int) {
	was, atOnce = atOnce, n
	return was
}

// SetMostScanned changes how many saved states a question about a field looks at, and gives what it was.
func SetMostScanned(n int) (was int) {
	was, mostScanned = mostScanned, n
	return was
}
