#include "alerts/addressed.h"

namespace tocsin::alerts {
namespace {

bool Counts(const AddressedBefore& before, Timestamp at) { return at - before.changed_at <= kAddressedKept; }

std::optional<schemas::AccountProfile> OwnerBefore(const Judged& judged, const CaseFile& file, bool grave) {
  const std::optional<AddressedBefore>& before = file.addressed_before();
  if (!grave || !before || !Counts(*before, judged.event.occurred_at)) return std::nullopt;
  schemas::AccountProfile owner = judged.owner;
  owner.locale = before->locale;
  owner.timezone = before->timezone;
  return owner;
}

}  // namespace

void NoteAddressed(const Judged& judged, CaseFile& file) {
  const Timestamp at = judged.event.occurred_at;
  if (file.addressed_before() && !Counts(*file.addressed_before(), at)) file.MutableAddressedBefore().reset();
  const schemas::AccountProfile* const before = judged.owner_before;
  if (before == nullptr ||
      (before->locale == judged.owner.locale && before->timezone == judged.owner.timezone))
    return;
  std::optional<AddressedBefore>& kept = file.MutableAddressedBefore();
  if (!kept) kept = AddressedBefore{.locale = before->locale, .timezone = before->timezone, .changed_at = at};
  kept->changed_at = at;
}

Addressed::Addressed(const Judged& judged, const CaseFile& file, bool grave)
    : owner_(OwnerBefore(judged, file, grave)),
      judged_{.event = judged.event,
              .claims = judged.claims,
              .retractions = judged.retractions,
              .owner = owner_ ? *owner_ : judged.owner,
              .previous_contacts = judged.previous_contacts,
              .owner_before = judged.owner_before,
              .leanings = judged.leanings} {}

}  // namespace tocsin::alerts
