// Package audit judges one page of Viaduc in a real browser: weight and
// EcoIndex, WCAG 2.2 and good practice, keyboard, narrow screen, large text,
// structure, plain language, life without JavaScript and on paper.
//
// [Page] measures and [Report.Check] fails the test with one line for each gate
// missed. The gates stand in budgets.go, with the reason of each; a [Profile]
// is a set of them: [Resident] for the public, [Map], [Staff] behind a log-in
// and [Error] for pages that answer an error. Gates marked as a warning are
// logged only. A page takes two to four seconds.
//
// What no machine can see stays out: whether an alternative text or a title is
// right, what a screen reader says, whether people understand. Shadow trees and
// frames of another origin are not read, a worker's own requests are not
// counted, and EcoIndex does not see what is drawn on a canvas. Lighthouse is
// run apart, by scripts/audit-full.sh.
//
// The self-test (audit_test.go) seeds one fault per gate in a good page: a gate
// that finds nothing there is a defect of this package.
package audit
