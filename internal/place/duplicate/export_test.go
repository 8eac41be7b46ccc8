package duplicate

// Most is the bound, for tests.
var Most = most

// SlowRatio is the Levenshtein ratio by its textbook table, a replacement costing two.
func SlowRatio(a, b *Text) int {
	n, m := len(a.units), len(b.units)
	if n == 0 || m == 0 {
		return 0
	}
	d := make([][]int, n+1)
	for i := range d {
		d[i] = make([]int, m+1)
		d[i][0] = i
	}
	for j := range m + 1 {
		d[0][j] = j
	}
	for i := 1; i <= n; i++ {
		for j := 1; j <= m; j++ {
			replace := d[i-1][j-1]
			if a.units[i-1] != b.units[j-1] {
				replace += 2
			}
			d[i][j] = min(replace, d[i-1][j]+1, d[i][j-1]+1)
		}
	}
	return (200*(n+m-d[n][m]) + n + m) / (2 * (n + m))
}
