// PurchaseModel: "buy till you die": customers buy at their own steady rate until they silently
// leave; the rates and the leaving differ from customer to customer.
//
// Sources: Pareto/NBD: Schmittlein, Morrison, Colombo, Management Science 33(1), 1987. BG/NBD:
// Fader, Hardie, Lee, Marketing Science 24(2), 2005. MBG/NBD: Batislam, Denizel, Filiztekin,
// Int. J. of Research in Marketing 24(3), 2007. Fitted by learning/purchase_training.h.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tideline {

enum class PurchaseFamily : std::uint8_t {
  mbg_nbd,     // may leave after every purchase, also the first
  bg_nbd,      // may leave after every repeat purchase
  pareto_nbd,  // may leave at any time
};
[[nodiscard]] std::string_view name_of(PurchaseFamily family);  // "mbg_nbd", ...

// What these models know of a customer. Times in one unit, any (weeks are customary).
struct PurchaseHistory {
  double repeats = 0;  // active days after the first
  double last = 0;     // from the first to the last active day; 0 without repeats
  double age = 0;      // from the first active day until now, >= last
};

// What a likelihood needs of a number of repeats, apart from the times: the same for all customers
// with as many, so that a fit takes its gamma functions once a number.
struct PurchaseTerms {
  double purchases = 0;  // logarithms: of buying that often,
  double stayed = 0;     // of never having left,
  double left = 0;       // of having left after the last purchase
};

struct PurchaseModel {
  PurchaseFamily family = PurchaseFamily::mbg_nbd;
  // Buying rate ~ Gamma(r, alpha). Leaving: probability ~ Beta(a, b), or, of Pareto/NBD, rate ~
  // Gamma(s, beta). All > 0.
  double r = 1, alpha = 1;
  double leave_first = 1, leave_second = 1;  // a, b; or s, beta

  // Natural logarithm of the likelihood of the history. Finite for sound parameters.
  [[nodiscard]] double log_likelihood(const PurchaseHistory& history) const {
    return log_likelihood(history, terms_of(history.repeats));
  }
  // `terms` are those of history.repeats.
  [[nodiscard]] double log_likelihood(const PurchaseHistory& history,
                                      const PurchaseTerms& terms) const;
  [[nodiscard]] PurchaseTerms terms_of(double repeats) const;
  // Probability that nothing is bought in (now, now + span]; in [0, 1], falls with span. Being
  // gone is one way to it. It is the likelihood of the same purchases seen until now + span over
  // that of the same seen until now.
  [[nodiscard]] double none_within(const PurchaseHistory& history, double span) const;
  // Every parameter finite and above 0.
  [[nodiscard]] bool is_sound() const;
};

}  // namespace tideline
