package contact

import "viaduc/internal/platform/siret"

// UnknownSIRET is what the national schema writes in its required pivot when nobody knows the number.
const UnknownSIRET = siret.Unknown

// SIRET returns the fourteen digits of raw, without the spaces, dots and hyphens between them: see siret.Parse. It is
// false with "" when raw is no SIRET at all; raw may then be another key of the pivot column (RNA, RIDET), which this
// function leaves to its caller.
func SIRET(raw string) (clean string, ok bool) { return siret.Parse(compact(raw)) }
