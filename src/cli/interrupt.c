/* Ctrl-C: the first one asks the run to stop, the second one stops it.
 *
 * SIGINT and SIGTERM are blocked in every thread and taken by one thread that waits for them. The
 * first raises the flag of onus_context, which loops over rows and replicates look at. The second
 * does what a signal handler must not: it removes the half-written folder of the report (a name
 * that only this process uses), then leaves. Waiting in a thread is what makes that legal.
 *
 * Called by cmd_try.c. It never removes anything but that folder. */
#include "cli.h"

#include <pthread.h>
#include <unistd.h>

#include "onus/report.h"

/* One process, one run: the signal thread and its flag. */
static struct {
    volatile sig_atomic_t stop;
    volatile sig_atomic_t over; /* the thread is to end */
    bool started;
    pthread_t thread;
    sigset_t signals;
    sigset_t mask_before;
    const char *dir; /* of the report that is being made, or NULL */
} guard;

static void *wait_for_signals(void *unused) {
    (void)unused;
    for (;;) {
        int number = 0;
        if (sigwait(&guard.signals, &number) != 0 || guard.over != 0) {
            return NULL;
        }
        if (guard.stop != 0) {
            if (guard.dir != NULL) {
                onus_report_discard(guard.dir);
            }
            _exit(onus_status_exit_code(ONUS_ERR_INTERRUPTED));
        }
        guard.stop = 1;
    }
}

volatile sig_atomic_t *cli_interrupt_start(const char *dir) {
    guard.stop = 0;
    guard.over = 0;
    guard.dir = dir;
    sigemptyset(&guard.signals);
    sigaddset(&guard.signals, SIGINT);
    sigaddset(&guard.signals, SIGTERM);
    /* Without a second thread (no resources) the signals keep their usual effect. */
    if (pthread_sigmask(SIG_BLOCK, &guard.signals, &guard.mask_before) == 0) {
        guard.started = pthread_create(&guard.thread, NULL, wait_for_signals, NULL) == 0;
        if (!guard.started) {
            pthread_sigmask(SIG_SETMASK, &guard.mask_before, NULL);
        }
    }
    return &guard.stop;
}

void cli_interrupt_end(void) {
    if (guard.started) {
        guard.over = 1;
        // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): blocked everywhere; sigwait takes it
        pthread_kill(guard.thread, SIGTERM);
        pthread_join(guard.thread, NULL);
        pthread_sigmask(SIG_SETMASK, &guard.mask_before, NULL);
        guard.started = false;
    }
    guard.dir = NULL;
}
