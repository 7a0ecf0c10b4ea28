/* Normal and Poisson draws from a counter's uniforms.
 *
 * Normals by inversion, so that each takes exactly one uniform and draws can be lined up between
 * runs: Wichura's algorithm AS 241 (PPND16; Applied Statistics 37, 1988), relative error about
 * 1e-16. Poisson counts by inversion (one uniform) for means below 30 and by Hormann's transformed
 * rejection PTRS (Insurance: Mathematics and Economics 12, 1993) above. Called by the bootstraps
 * and the teaching city. GSL has all of these, but over its own generators and with a Poisson that
 * draws a number of uniforms that grows with the mean. */
#include "onus/exec.h"

#include <assert.h>
#include <math.h>

/* Uniform on the middles of 2^52 equal cells of (0, 1): never 0 or 1, symmetric, 1 - p is exact. */
static double draw_open(onus_rng *rng) {
    const uint64_t high = onus_rng_u32(rng) >> 6; /* 26 bits */
    const uint64_t low = onus_rng_u32(rng) >> 6;  /* 26 bits */
    return ((double)(high << 26 | low) + 0.5) * 0x1p-52;
}

/* Numerator and denominator of degree 7, highest power last. */
typedef struct rational {
    double num[8];
    double den[8];
} rational;

static double evaluate(const rational *r, double x) {
    double num = r->num[7];
    double den = r->den[7];
    for (int i = 6; i >= 0; i--) {
        num = num * x + r->num[i];
        den = den * x + r->den[i];
    }
    return num / den;
}

/* Wichura (1988), PPND16: |p - 0.5| <= 0.425. */
static const rational middle = {
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3},
    {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3}};

/* The same, sqrt(-log tail) <= 5. */
static const rational near_tail = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9}};

/* The same, beyond. */
static const rational far_tail = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15}};

static double normal_quantile(double p) {
    const double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        return q * evaluate(&middle, 0.180625 - q * q); /* 0.425^2 */
    }
    const double r = sqrt(-log(q < 0 ? p : 1 - p));
    const double z = r <= 5 ? evaluate(&near_tail, r - 1.6) : evaluate(&far_tail, r - 5);
    return q < 0 ? -z : z;
}

double onus_rng_normal(onus_rng *rng) {
    return normal_quantile(draw_open(rng));
}

static const double inversion_below_mean = 30.0;

static int64_t poisson_by_inversion(onus_rng *rng, double mean) {
    double left = onus_rng_uniform(rng);
    double term = exp(-mean);
    int64_t k = 0;
    /* Past the mode a term under 2^-60 is less than a uniform of 53 bits can tell apart; what is
     * left of it then is rounding, and must not carry the count on. */
    while (left >= term && (term > 0x1p-60 || (double)k < mean)) {
        left -= term;
        k++;
        term *= mean / (double)k;
    }
    return k;
}

/* Hormann (1993), algorithm PTRS; names as there. */
static int64_t poisson_by_rejection(onus_rng *rng, double mean) {
    const double log_mean = log(mean);
    const double b = 0.931 + 2.53 * sqrt(mean);
    const double a = -0.059 + 0.02483 * b;
    const double log_inv_alpha = log(1.1239 + 1.1328 / (b - 3.4));
    const double v_r = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = draw_open(rng) - 0.5;
        const double v = draw_open(rng);
        const double us = 0.5 - fabs(u);
        const double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r) {
            return (int64_t)k;
        }
        if (k < 0 || (us < 0.013 && v > us)) {
            continue;
        }
        int sign = 0; /* lgamma itself writes a global */
        if (log(v) + log_inv_alpha - log(a / (us * us) + b) <=
            k * log_mean - mean - lgamma_r(k + 1, &sign)) {
            return (int64_t)k;
        }
    }
}

int64_t onus_rng_poisson(onus_rng *rng, double mean) {
    assert(mean >= 0 && mean <= 1e15); /* above, a double does not hold every count */
    return mean < inversion_below_mean ? poisson_by_inversion(rng, mean)
                                       : poisson_by_rejection(rng, mean);
}
