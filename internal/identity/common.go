package identity

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"viaduc/internal/platform/fold"
)

// The words that people begin with, in French and in English: what a password, a hello, a love, an animal, a month, a
// first name, a game, a town, a programme is called. Folded, without spaces.
const commonWords = `
motdepasse monmotdepasse lemotdepasse mdp password passwort passe passw pass secret monsecret secure securite identifiant
login admin administrateur administrator root user utilisateur invite guest test testtest essai demo exemple example
bonjour bonsoir salut coucou bienvenue welcome hello hi merci aurevoir ouvretoi sesame ouvretoisesame letmein access acces
soleil sunshine lune etoile star nuage ciel mer plage vacances noel printemps automne hiver summer winter spring autumn
janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre january february april june july august
september october november december lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday friday sunday
amour jetaime jetaimemoncoeur moncoeur coeur cherie cheri doudou bebe mabiche loulou loulou minou chouchou iloveyou loveme
lovely forever princess princesse prince angel ange demon dragon licorne unicorn batman superman spiderman pokemon naruto
starwars matrix football foot soccer rugby tennis basket marseille paris lyon bordeaux toulouse nantes rennes lille nice
strasbourg rochelle larochelle rochefort saintes royan charente france vivelafrance francais allezlesbleus champion juventus
barcelona psg olympique chelsea arsenal liverpool ronaldo zidane mbappe messi chocolat chocolate cookie banane fraise orange
citron pomme cerise nutella biere vin champagne fromage camembert chat chaton chien chienne cheval poney lapin souris tigre
lion ours loup renard dauphin monkey singe papillon butterfly oiseau canard poule cochon vache mouton famille maman papa
mamie papi frere soeur enfant enfants bebe fille garcon maison jardin voiture peugeot renault citroen mercedes ferrari
porsche moto harley camion bateau avion musique music guitare piano danse cinema camille chloe clement emma enzo gabriel
hugo jules julie julien laura lea leo louis louise lucas manon marie mathieu mathilde maxime nicolas nathalie nathan oceane
patrick philippe pierre quentin raphael romain sarah sandrine sebastien sophie stephane sylvie theo thomas valerie vincent
anthony alexandre alexis antoine aurelie benjamin caroline cedric celine christophe david elodie emilie fabien florian
francois frederic guillaume isabelle jeremy jerome jessica jonathan kevin laurent marine martine michael michel monique
olivier pauline michelle jennifer ashley charlie daniel george jordan matthew robert william internet ordinateur computer
google facebook instagram twitter youtube amazon apple samsung iphone android windows microsoft linux orange free sfr
bouygues laposte wanadoo hotmail gmail outlook mairie commune village ville departement agglo mediatheque bibliotheque
association mediateur mediation numerique conseiller conseillernumerique aidant aidantsconnect franceservices franceconnect
emmaus accueil service services bureau travail directeur directrice secretaire stagiaire benevole viaduc pont passerelle
changezmoi changeme change provisoire temporaire temporary temp nouveau nouvelle default defaut azerty qwerty qwertz
azertyuiop qwertyuiop azertyui qsdfghjklm wxcvbn asdfghjkl zxcvbnm azertyuiopqsdfghjklm azerqsdf azeqsdwxc aqwzsx aqwzsxedc
qazwsx qazwsxedc aqwxsz zaqxsw cvbn jklm abcd abcdef abcdefgh abcdefghijkl azazaz aaaa abcabc whatever trustno shadow
master football mustang killer hunter ranger buster soccer harley hockey freedom ginger pepper maggie summer liverpool
ashley nicole chelsea biteme access yankees thunder matrix falcon corvette silver golden cheese dakota hammer
`

// commonEnds are what people put around a word to make it look like a password, beside figures.
var commonEnds = map[string]bool{
	"": true, "a": true, "abc": true, "s": true, "x": true, "xx": true, "xxx": true, "fr": true, "com": true, "pro": true, "perso": true,
}

// commonRuns are keys in the order of a keyboard, of the alphabet or of figures; any part of them is refused, backwards too.
var commonRuns = func() []string {
	runs := []string{
		"01234567890123456789", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "abcdefghijklmnopqrstuvwxyz",
		"1a2b3c4d5e6f7g8h9i0j", "1q2w3e4r5t6y7u8i9o0p", "1a2z3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp", "aqwzsxedcrfvtgbyhnujikolpm", "147258369147258369",
	}
	for _, r := range runs {
		runs = append(runs, backwards(r))
	}
	return runs
}()

// commonSet is the words, to be looked up.
var commonSet = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(commonWords) {
		out[w] = true
	}
	return out
})

// known reports whether a folded text without signs is what people try first: one of the words, alone, twice, thrice or
// with another of them, with figures or a usual end around; or a run of keys. Thousands of texts for each of the words.
func known(text string) bool {
	for _, run := range commonRuns {
		if len(text) >= 4 && strings.Contains(run, text) {
			return true
		}
	}
	text = strings.Trim(text, "0123456789")
	words := commonSet()
	for i := 1; i <= len(text); i++ {
		if !words[text[:i]] {
			continue
		}
		rest := text[i:]
		if commonEnds[rest] || strings.Trim(strings.ReplaceAll(rest, text[:i], ""), "0123456789") == "" {
			return true
		}
		for j := 1; j <= len(rest); j++ {
			if words[strings.TrimLeft(rest[:j], "0123456789")] && commonEnds[rest[j:]] {
				return true
			}
		}
	}
	return text == ""
}

func backwards(s string) string {
	out := []byte(s)
	slices.Reverse(out)
	return string(out)
}

// disguises are the signs that stand for a letter in a word that everybody knows.
var disguises = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "@", "a", "$", "s", "!", "i", "|", "l", "€", "e")

// common reports whether a password is one of those that are tried first: as it is, with its disguises taken off, or as
// few signs again and again.
func common(password string) bool {
	plain := signless(fold.Key(password))
	if few(plain) || few(password) || known(plain) {
		return true
	}
	// "M0tDeP@sse2024": the signs stand for letters, the figures at its end for themselves.
	word := strings.TrimRightFunc(strings.ToLower(password), func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune("@$€", r) })
	return known(signless(fold.Key(disguises.Replace(word))))
}

func signless(folded string) string { return strings.ReplaceAll(folded, " ", "") }

// few reports whether a text is made of at most two signs, or of one short piece repeated.
func few(text string) bool {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	if len(seen) <= 2 {
		return true
	}
	for size := 1; size <= 4 && size*3 <= len(text); size++ {
		if strings.Repeat(text[:size], len(text)/size+1)[:len(text)] == text {
			return true
		}
	}
	return false
}
