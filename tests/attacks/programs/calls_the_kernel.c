/* Makes each system call that a submission is refused, and tells what the kernel said. Told are
   the name and the error; "it worked" where there was none. Words of the call: a name each, to
   make some of them only. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static long refused(long result) {
    return result == -1 ? -errno : result;
}

#ifdef __x86_64__
/* A call as 32-bit programs make it: with their numbers, past a filter that knows only ours. */
static long as_32_bit(long number, long one, long two, long three) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result)
                     : "a"(number), "b"(one), "c"(two), "d"(three) : "memory", "r8", "r9", "r10",
                       "r11");
    return result;
}

static long socketcall(void) {
    int *words = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    words[0] = 40, words[1] = SOCK_STREAM, words[2] = 0;
    return as_32_bit(102, 1, (long)words, 0);
}

static long socket_of_32_bit(void) { return as_32_bit(359, 40, SOCK_STREAM, 0); }
static long getpid_of_32_bit(void) { return as_32_bit(20, 0, 0, 0); }
static long socket_of_x32(void) {
    return refused(syscall(0x40000000 | SYS_socket, 40, SOCK_STREAM, 0));
}
#endif

/* The family in a word whose upper half the kernel does not look at. */
static long socket_in_a_long_word(void) {
    return refused(syscall(SYS_socket, (1L << 32) | 40, SOCK_STREAM, 0));
}

static long traces(void) {
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    long result = refused(ptrace(PTRACE_ATTACH, child, 0, 0));
    kill(child, SIGKILL);
    return result;
}

static long traces_parent(void) { return refused(ptrace(PTRACE_SEIZE, getppid(), 0, 0)); }

static long reads_memory(void) {
    char here[8], there[8] = "secret";
    struct iovec to = {here, 8}, from = {there, 8};
    return refused(syscall(SYS_process_vm_readv, getpid(), &to, 1, &from, 1, 0));
}

static long writes_memory(void) {
    char here[8], there[8] = "secret";
    struct iovec to = {here, 8}, from = {there, 8};
    return refused(syscall(SYS_process_vm_writev, getpid(), &to, 1, &from, 1, 0));
}

static long compares(void) { return refused(syscall(SYS_kcmp, getpid(), getpid(), 0, 1, 1)); }
static long takes_descriptor(void) {
    int self = syscall(SYS_pidfd_open, getpid(), 0);
    return refused(syscall(SYS_pidfd_getfd, self, 1, 0));
}

static long adds_key(void) { return refused(syscall(SYS_add_key, "user", "x", "y", 1, -3)); }
static long asks_for_key(void) { return refused(syscall(SYS_request_key, "user", "x", 0, -3)); }
static long uses_keys(void) { return refused(syscall(SYS_keyctl, 0, -4, 1)); }
static long makes_a_map(void) {
    char attributes[72] = {0};
    attributes[0] = 2, attributes[4] = attributes[8] = 4, attributes[12] = 1;
    return refused(syscall(SYS_bpf, 0, attributes, sizeof attributes));
}

static long counts_events(void) {
    struct perf_event_attr what = {.type = PERF_TYPE_SOFTWARE, .size = sizeof what,
                                   .exclude_kernel = 1, .exclude_hv = 1};
    return refused(syscall(SYS_perf_event_open, &what, 0, -1, -1, 0));
}

static long faults(void) { return refused(syscall(SYS_userfaultfd, 1)); }
static long rings(void) {
    struct io_uring_params how = {0};
    return refused(syscall(SYS_io_uring_setup, 4, &how));
}

static long enters_ring(void) { return refused(syscall(SYS_io_uring_enter, -1, 1, 0, 0, 0, 0)); }
static long registers_ring(void) { return refused(syscall(SYS_io_uring_register, -1, 0, 0, 0)); }
static long clones_anew(void) {
    uint64_t how[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
    long result = refused(syscall(SYS_clone3, how, sizeof how));
    if (result == 0) _exit(0);
    return result;
}

static long clones(void) {
    long result = refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    if (result == 0) _exit(0);
    return result;
}

static long unshares(void) { return refused(unshare(CLONE_NEWUSER)); }
static long unshares_more(void) { return refused(unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_FILES)); }
static long enters(void) { return refused(syscall(SYS_setns, 0, 0)); }
/* At a place that is not there: it changes nothing where it is run without a sandbox. */
static long mounts(void) { return refused(syscall(SYS_mount, "x", "/no/such", "tmpfs", 0, 0)); }
static long opens_a_file_system(void) { return refused(syscall(430, "tmpfs", 0)); }
static long hides_memory(void) { return refused(syscall(447, 0)); }

static long vsock(void) { return refused(socket(40, SOCK_STREAM, 0)); }
static long packet(void) { return refused(socket(17, SOCK_RAW, 0)); }
static long packet_pair(void) { int two[2]; return refused(socketpair(17, SOCK_RAW, 0, two)); }
static long alg(void) { return refused(socket(38, SOCK_SEQPACKET, 0)); }
static long bluetooth(void) { return refused(socket(31, SOCK_RAW, 1)); }
static long can(void) { return refused(socket(29, SOCK_RAW, 1)); }
static long tipc(void) { return refused(socket(30, SOCK_STREAM, 0)); }
static long rds(void) { return refused(socket(21, SOCK_SEQPACKET, 0)); }
static long xdp(void) { return refused(socket(44, SOCK_RAW, 0)); }

/* What any server may do. */
static long unix_(void) { return refused(socket(AF_UNIX, SOCK_STREAM, 0)); }
static long unix_pair(void) { int two[2]; return refused(socketpair(AF_UNIX, SOCK_STREAM, 0, two)); }
static long inet(void) { return refused(socket(AF_INET, SOCK_STREAM, 0)); }
static long inet_udp(void) { return refused(socket(AF_INET, SOCK_DGRAM, 0)); }
static long inet6(void) { return refused(socket(AF_INET6, SOCK_STREAM, 0)); }
static long netlink(void) { return refused(socket(AF_NETLINK, SOCK_RAW, 0)); }
static long unshares_files(void) { return refused(unshare(CLONE_FILES)); }

static const struct {
    const char *name;
    long (*call)(void);
} CALLS[] = {
    {"vsock", vsock}, {"packet", packet}, {"packet pair", packet_pair}, {"alg", alg},
    {"bluetooth", bluetooth}, {"can", can}, {"tipc", tipc}, {"rds", rds}, {"xdp", xdp},
    {"vsock in a long word", socket_in_a_long_word},
#ifdef __x86_64__
    {"vsock of x32", socket_of_x32}, {"vsock by socketcall", socketcall},
    {"vsock of 32 bit", socket_of_32_bit}, {"getpid of 32 bit", getpid_of_32_bit},
#endif
    {"ptrace", traces}, {"ptrace of the parent", traces_parent},
    {"process_vm_readv", reads_memory}, {"process_vm_writev", writes_memory},
    {"kcmp", compares}, {"pidfd_getfd", takes_descriptor}, {"add_key", adds_key},
    {"request_key", asks_for_key}, {"keyctl", uses_keys}, {"bpf", makes_a_map},
    {"perf_event_open", counts_events}, {"userfaultfd", faults}, {"io_uring_setup", rings},
    {"io_uring_enter", enters_ring}, {"io_uring_register", registers_ring},
    {"clone3", clones_anew}, {"clone", clones}, {"unshare", unshares},
    {"unshare of more", unshares_more}, {"setns", enters}, {"mount", mounts},
    {"fsopen", opens_a_file_system}, {"memfd_secret", hides_memory},
    {"unix", unix_}, {"unix pair", unix_pair}, {"inet", inet}, {"inet udp", inet_udp},
    {"inet6", inet6}, {"netlink", netlink}, {"unshare of files", unshares_files},
};

/* In a child each: some end the program. */
static void tell(const char *name, long (*call)(void)) {
    int told[2], status;
    long result = 0;
    if (pipe(told)) return;
    pid_t child = fork();
    if (child == 0) {
        result = call();
        if (write(told[1], &result, sizeof result) < 0) _exit(1);
        _exit(0);
    }
    close(told[1]);
    int came = read(told[0], &result, sizeof result) == sizeof result;
    close(told[0]);
    waitpid(child, &status, 0);
    if (!came)
        printf("%s: ended by signal %d\n", name, WTERMSIG(status));
    else
        printf("%s: %s\n", name, result >= 0 ? "it worked" : strerrorname_np(-result));
    fflush(stdout);
}

int main(int count, char **words) {
    for (size_t each = 0; each < sizeof CALLS / sizeof *CALLS; each++) {
        int wanted = count == 1;
        for (int word = 1; word < count; word++) wanted |= !strcmp(words[word], CALLS[each].name);
        if (wanted) tell(CALLS[each].name, CALLS[each].call);
    }
    return 0;
}
