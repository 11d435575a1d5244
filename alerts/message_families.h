// Keys that the code puts together of a prefix and a name ("done." and what was done): which they are, and
// that each has a sentence. A name that is added to an enum without its sentences stops the build, not the
// first notice.
#pragma once

namespace tocsin::alerts {

// CHECKs, naming the first key that is missing.
void CheckFamilies();

}  // namespace tocsin::alerts
