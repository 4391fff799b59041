package auth

import "strings"

// AgentName makes of what a browser says it is the names of browser and system, which are the same in every language; what it
// does not know is left out. Of the rest nothing is kept.
func AgentName(agent string) string {
	if len(agent) > 1000 {
		agent = agent[:1000]
	}
	first := func(pairs ...string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	// The order matters: most say that they are several.
	browser := first("Edg", "Edge", "OPR/", "Opera", "SamsungBrowser/", "Samsung Internet", "YaBrowser/", "Yandex", "Vivaldi/", "Vivaldi", "FxiOS/", "Firefox", "Firefox/", "Firefox",
		"CriOS/", "Chrome", "Chrome/", "Chrome", "Chromium/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := first("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "CrOS", "ChromeOS", "Windows", "Windows", "Macintosh", "macOS", "Linux", "Linux")
	return strings.Trim(browser+" · "+system, " ·")
}
