#include "alerts/addressed.h"

namespace tocsin::alerts {
namespace {

bool Counts(const AddressedBefore& before, Timestamp at) { return at - before.changed_at <= kAddressedKept; }

// Nothing: as they are.
std::optional<schemas::AccountProfile> AsSpokenTo(const Judged& judged, const CaseFile& file, bool grave) {
  const std::optional<AddressedBefore>& before = file.addressed_before();
  if (!before || !Counts(*before, judged.event.occurred_at)) return std::nullopt;
  const bool renamed = before->display_name != judged.owner.display_name;
  if (!grave && !renamed) return std::nullopt;
  schemas::AccountProfile owner = judged.owner;
  owner.display_name = grave ? before->display_name : std::string();
  if (!grave) return owner;
  owner.locale = before->locale;
  owner.timezone = before->timezone;
  return owner;
}

bool IsSame(const schemas::AccountProfile& a, const schemas::AccountProfile& b) {
  return a.display_name == b.display_name && a.locale == b.locale && a.timezone == b.timezone;
}

}  // namespace

void NoteAddressed(const Judged& judged, CaseFile& file) {
  const Timestamp at = judged.event.occurred_at;
  if (file.addressed_before() && !Counts(*file.addressed_before(), at)) file.MutableAddressedBefore().reset();
  const schemas::AccountProfile* const before = judged.owner_before;
  if (before == nullptr || IsSame(*before, judged.owner)) return;
  std::optional<AddressedBefore>& kept = file.MutableAddressedBefore();
  if (!kept) kept = AddressedBefore{before->display_name, before->locale, before->timezone, at};
  kept->changed_at = at;
}

Addressed::Addressed(const Judged& judged, const CaseFile& file, bool grave)
    : owner_(AsSpokenTo(judged, file, grave)),
      judged_{.event = judged.event,
              .claims = judged.claims,
              .retractions = judged.retractions,
              .owner = owner_ ? *owner_ : judged.owner,
              .previous_contacts = judged.previous_contacts,
              .owner_before = judged.owner_before,
              .leanings = judged.leanings} {}

}  // namespace tocsin::alerts
