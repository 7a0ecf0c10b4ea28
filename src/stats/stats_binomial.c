/* Binomial intervals by beta quantiles (Clopper-Pearson, Jeffreys), Agresti-Coull, and what no
 * error at all says.
 *
 * GSL's inverse of the incomplete beta is good to about 1e-8 in places and may end the process, so
 * this has its own: the incomplete beta by continued fractions (DLMF 8.17.22; DiDonato & Morris)
 * times a density in Loader's saddle-point form (Loader 2000), in which nothing large cancels, and
 * a safeguarded Newton search in the logarithm of x for the tail that is the smaller. 40-digit
 * references agree to 1e-12 (tests/reference/match). Called by the trials through
 * stats_interval.h. */
#include <math.h>
#include <stdbool.h>

#include "onus/stats_interval.h"

static const double TWO_PI = 6.283185307179586476925286766559;
enum { FRACTION_STEPS_MAX = 2000000, SEARCH_STEPS_MAX = 200 };

/* ln Gamma(n + 1) - [(n + 1/2) ln n - n + ln(2 pi)/2], Loader's delta(n). */
static double stirling_rest(double n) {
    if (n < 16.0) {
        int sign = 0; /* lgamma itself writes a global */
        return lgamma_r(n + 1.0, &sign) - (n + 0.5) * log(n) + n - 0.5 * log(TWO_PI);
    }
    const double n2 = n * n;
    return (1.0 / 12.0 -
            (1.0 / 360.0 -
             (1.0 / 1260.0 - (1.0 / 1680.0 - (1.0 / 1188.0 - 691.0 / 360360.0 / n2) / n2) / n2) /
                 n2) /
                n2) /
           n;
}

/* n ln(n / m) + m - n, without cancellation where n is near m. */
static double deviance(double n, double m) {
    if (fabs(n - m) >= 0.1 * (n + m)) {
        return n * log(n / m) + m - n;
    }
    const double v = (n - m) / (n + m);
    double sum = (n - m) * v;
    double term = 2.0 * n * v;
    for (int k = 1; k < 100; k++) {
        term *= v * v;
        const double next = sum + term / (double)(2 * k + 1);
        if (next == sum) {
            break;
        }
        sum = next;
    }
    return sum;
}

/* x^a y^b / B(a, b), y = 1 - x given for itself. */
static double beta_kernel(double x, double y, double a, double b) {
    const double n = a + b;
    const double exponent = stirling_rest(n) - stirling_rest(a) - stirling_rest(b) -
                            deviance(a, n * x) - deviance(b, n * y);
    return exp(exponent) * sqrt(a * b / (TWO_PI * n));
}

/* The continued fraction of I_x(a, b) a / kernel, for x below (a + 1)/(a + b + 2). NaN: it did not
 * settle. */
static double fraction(double x, double a, double b) {
    static const double TINY = 1e-300;
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < TINY ? TINY : d);
    double h = d;
    for (int i = 1; i < FRACTION_STEPS_MAX; i++) {
        const double m = (double)i;
        const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 + even * d;
        c = 1.0 + even / c;
        d = 1.0 / (fabs(d) < TINY ? TINY : d);
        c = fabs(c) < TINY ? TINY : c;
        h *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 + odd * d;
        c = 1.0 + odd / c;
        d = 1.0 / (fabs(d) < TINY ? TINY : d);
        c = fabs(c) < TINY ? TINY : c;
        h *= d * c;
        if (fabs(d * c - 1.0) < 1e-16) {
            return h;
        }
    }
    return NAN;
}

/* The same ratio by its power series 2F1(a + b, 1; a + 1; x) (DLMF 8.17.8): terms above 0 only. */
static double series(double x, double a, double b) {
    double term = 1.0;
    double sum = 1.0;
    for (int i = 0; i < FRACTION_STEPS_MAX; i++) {
        const double m = (double)i;
        term *= (a + b + m) / (a + 1.0 + m) * x;
        sum += term;
        if (term < 1e-17 * sum) {
            return sum;
        }
    }
    return NAN;
}

/* I_x(a, b) / kernel for x <= a / (a + b), a and b > 1, by the fraction of DiDonato & Morris (1992,
 * BFRAC), in which ahead = a - (a + b) x stands for itself: nothing cancels where x is near 1. */
static double fraction_ahead(double x, double y, double a, double b, double ahead) {
    const double c = 1.0 + ahead;
    const double c1 = 1.0 + 1.0 / a;
    double p = 1.0;
    double s = a + 1.0;
    double num = 0.0;
    double den = 1.0;
    double num_next = 1.0;
    double den_next = c / c1;
    double ratio = c1 / c;
    for (int i = 1; i < FRACTION_STEPS_MAX; i++) {
        const double n = (double)i;
        const double t = n / a;
        const double w = n * (b - n) * x;
        const double alpha = p * (p + b / a) * (a / s) * (a / s) * (w * x);
        const double beta = n + w / s + (1.0 + t) / (c1 + t + t) * (c + n * (1.0 + y));
        p = 1.0 + t;
        s += 2.0;
        const double num_after = alpha * num + beta * num_next;
        const double den_after = alpha * den + beta * den_next;
        const double before = ratio;
        ratio = num_after / den_after;
        if (fabs(ratio - before) <= 1e-16 * ratio) {
            return ratio;
        }
        num = num_next / den_after;
        den = den_next / den_after;
        num_next = ratio;
        den_next = 1.0;
    }
    return NAN;
}

typedef struct tails {
    double lower; /* I_x(a, b) */
    double upper;
    double kernel; /* density times x (1 - x) */
} tails;

/* For x <= 1/2, which is known to all its digits: so is y. */
static tails beta_tails(double x, double a, double b) {
    const double y = 1.0 - x;
    const double kernel = beta_kernel(x, y, a, b);
    const double past = (a + b) * x - a;
    if (past <= 0.0) {
        const double lower = kernel / a * fraction(x, a, b);
        return (tails){lower, 1.0 - lower, kernel};
    }
    if (a > 1.0 && b > 1.0) {
        const double upper = kernel * fraction_ahead(y, x, b, a, past);
        return (tails){1.0 - upper, upper, kernel};
    }
    if (x > 0.1 && y < (b + 1.0) / (a + b + 2.0)) {
        const double upper = kernel / b * fraction(y, b, a);
        return (tails){1.0 - upper, upper, kernel};
    }
    const double lower = kernel / a * series(x, a, b);
    return (tails){lower, 1.0 - lower, kernel};
}

/* x <= 1/2 with I_x(a, b) = p = 1 - q. Newton in ln x on the logarithm of the smaller tail. */
static double solve(double p, double q, double a, double b) {
    double low = -745.0; /* ln of the smallest double */
    double high = 0.0;
    double u = log(a / (a + b));
    for (int i = 0; i < SEARCH_STEPS_MAX; i++) {
        const double x = exp(u);
        const tails t = beta_tails(x, a, b);
        const double have = p <= q ? t.lower : t.upper;
        const double miss = p <= q ? log(t.lower / p) : -log(t.upper / q);
        if (isnan(t.lower)) {
            return NAN;
        }
        if (miss == 0.0) {
            return x;
        }
        low = miss < 0.0 ? u : low;
        high = miss < 0.0 ? high : u;
        /* d ln(tail) / d ln x */
        const double slope = t.kernel / (1.0 - x) / have;
        double next = u - miss / slope;
        if (!(next > low && next < high)) {
            next = 0.5 * (low + high);
        }
        if (fabs(next - u) <= 2e-16 * fmax(1.0, fabs(u)) || high - low < 1e-16) {
            return exp(next);
        }
        u = next;
    }
    return exp(u);
}

/* As onus_beta_quantile with both tails given, so that neither loses digits. */
static double quantile(double p, double q, double a, double b) {
    const tails half = beta_tails(0.5, a, b);
    return p <= half.lower ? solve(p, q, a, b) : 1.0 - solve(q, p, b, a);
}

double onus_beta_quantile(double p, double a, double b) {
    if (!(p >= 0.0 && p <= 1.0) || !(a > 0.0 && b > 0.0) || !isfinite(a + b)) {
        return NAN;
    }
    if (p == 0.0 || p == 1.0) {
        return p;
    }
    return quantile(p, 1.0 - p, a, b);
}

static bool is_binomial(double k, double n, double level) {
    return level > 0.0 && level < 1.0 && n > 0.0 && k >= 0.0 && k <= n && isfinite(n);
}

onus_limits onus_clopper_pearson(double k, double n, double level) {
    if (!is_binomial(k, n, level)) {
        return onus_limits_none();
    }
    const double tail = 0.5 - 0.5 * level;
    return (onus_limits){
        .low = k == 0.0 ? 0.0 : quantile(tail, 1.0 - tail, k, n - k + 1.0),
        .high = k == n ? 1.0 : quantile(1.0 - tail, tail, k + 1.0, n - k),
    };
}

double onus_clopper_pearson_upper(double k, double n, double level) {
    if (!is_binomial(k, n, level)) {
        return NAN;
    }
    return k == n ? 1.0 : quantile(level, 1.0 - level, k + 1.0, n - k);
}

onus_limits onus_jeffreys(double k, double n, double level) {
    if (!is_binomial(k, n, level)) {
        return onus_limits_none();
    }
    const double tail = 0.5 - 0.5 * level;
    return (onus_limits){
        .low = k == 0.0 ? 0.0 : quantile(tail, 1.0 - tail, k + 0.5, n - k + 0.5),
        .high = k == n ? 1.0 : quantile(1.0 - tail, tail, k + 0.5, n - k + 0.5),
    };
}

onus_limits onus_agresti_coull(double k, double n, double level) {
    if (!is_binomial(k, n, level)) {
        return onus_limits_none();
    }
    const double z = onus_normal_quantile(0.5 + 0.5 * level);
    const double n_more = n + z * z;
    const double share = (k + 0.5 * z * z) / n_more;
    const double half = z * sqrt(share * (1.0 - share) / n_more);
    return (onus_limits){.low = share - half, .high = share + half};
}

double onus_rule_of_three(double n) {
    return n > 0.0 ? fmin(1.0, 3.0 / n) : NAN;
}
