// How far what is done on a device of the account speaks for its owner.
#pragma once

#include "base/time.h"
#include "detectors/account_state.h"
#include "detectors/state/devices.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Trust (0…1) of a device that the account has, at a time. Age tells the owner's devices from those of
// somebody who came later, and nobody came before the one who opened the account: of the account's first
// device, when it came within a day of the profile's `opened_at`, only use is asked, and to have opened the
// account is worth three hours of it:
//   trust = 1 − exp(−(SettledUses + 3 · decay) / 3)
// Of every other it is that of its tenure, and never less than that.
[[nodiscard]] double TrustOf(const KnownDevice& device, Timestamp at, const AccountState& state);

// The account knew the event's device, has for 72 h, trusts it or has had none before it, and it is not one
// that only may be it. An answer makes a device known at once, and whoever holds the mailbox can give it.
[[nodiscard]] bool OnOwnDevice(const schemas::Event& event, const AccountState& state);

// The event adds a payee to an account that was opened less than 30 days ago, as its profile says, as the
// owner does whose list fills: OnOwnDevice, or from an address where the device that opened the account was
// used in the last days, an hour ago or earlier.
[[nodiscard]] bool FillsTheList(const schemas::Event& event, const AccountState& state);

}  // namespace tocsin::detectors
