/*
 * gmemtest: exercises guest_memfd for a recording. vCPUs read and write its pages, while a thread each punches holes, goes
 * through the user mapping, allocates, and deletes the memslot and makes it again. What each of them saw is printed, with the
 * time stamp counter before and behind: the log that `faultline conform --log` reads. Options: scripts/record.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

/* From include/uapi/linux/kvm.h and arch/x86/include/uapi/asm/kvm.h of Linux 7.3: the headers of a stable release are older. */
#ifndef KVM_CREATE_GUEST_MEMFD
struct kvm_create_guest_memfd {
	uint64_t size, flags, reserved[6];
};
struct kvm_userspace_memory_region2 {
	uint32_t slot, flags;
	uint64_t guest_phys_addr, memory_size, userspace_addr, guest_memfd_offset;
	uint32_t guest_memfd, pad1;
	uint64_t pad2[14];
};
#define KVM_MEM_GUEST_MEMFD (1u << 2)
#define KVM_SET_USER_MEMORY_REGION2 _IOW(KVMIO, 0x49, struct kvm_userspace_memory_region2)
#define KVM_CREATE_GUEST_MEMFD _IOWR(KVMIO, 0xd4, struct kvm_create_guest_memfd)
#endif
#ifndef KVM_CAP_GUEST_MEMFD_FLAGS
#define KVM_CAP_GUEST_MEMFD_FLAGS 244
#endif
#ifndef KVM_VCPU_TSC_CTRL
#define KVM_VCPU_TSC_CTRL 0
#define KVM_VCPU_TSC_OFFSET 0
#endif
/* GUEST_MEMFD_FLAG_MMAP and GUEST_MEMFD_FLAG_INIT_SHARED */
#define MAPPED_AND_SHARED 3

#define PAGE 4096ul
/* Ordinary memory, at 0, with the guest's code and the records of each vCPU. */
#define LOW_BYTES (4ul << 20)
#define CODE 0x1000ul
#define RECORDS 0x100000ul
#define RECORDS_OF_ONE 0x40000ul
/* Where the guest has the file: gfn 0x10000. */
#define BASE 0x10000000ul
#define MOST_VCPUS 8

struct record {
	uint64_t before, behind;
	uint32_t address, writes, found, value;
};

enum kind { VCPU, PUNCHER, TOUCHER, ALLOCER, BINDER, KINDS };

struct worker {
	enum kind kind;
	int number;
	pid_t tid;
	unsigned int state;
	int runs, exits, errors;
	char (*lines)[120];
	int count;
	pthread_t thread;
	int vcpu;
	struct kvm_run *run;
};

static int vcpus = 2, pages = 16, ops = 400, punches, accesses, allocations, rebinds, delay_us = 10, longest = 4, writes = 70,
	   gap = 1, seed = 1;
static int vm, file;
static unsigned char *low, *mapped;
static int ready, started;

static void die(const char *what)
{
	fprintf(stderr, "gmemtest: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	uint32_t low_half, high_half;

	__asm__ volatile("rdtsc" : "=a"(low_half), "=d"(high_half));
	return (uint64_t)high_half << 32 | low_half;
}

static unsigned int below(struct worker *w, unsigned int limit)
{
	return rand_r(&w->state) % limit;
}

static int is_write(struct worker *w)
{
	return below(w, 100) < (unsigned int)writes;
}

static void begin(struct worker *w, const char *name)
{
	pthread_setname_np(pthread_self(), name);
	w->tid = syscall(SYS_gettid);
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&started, __ATOMIC_ACQUIRE))
		usleep(100);
}

static void rest(struct worker *w)
{
	if (delay_us > 0)
		usleep(1 + below(w, 2 * delay_us));
	else
		sched_yield();
}

static void range(struct worker *w, unsigned int *page, unsigned int *count)
{
	*page = below(w, pages);
	*count = 1 + below(w, longest);
	if (*page + *count > (unsigned int)pages)
		*count = pages - *page;
}

static struct record *records_of(struct worker *w)
{
	return (struct record *)(low + RECORDS + w->number * RECORDS_OF_ONE);
}

static void prepare_vcpu(struct worker *w)
{
	struct kvm_segment flat = { .limit = 0xffffffff, .selector = 8, .type = 11, .present = 1, .db = 1, .s = 1, .g = 1 };
	struct kvm_regs regs = { .rip = CODE, .rflags = 2, .rdi = ops, .rbp = gap };
	struct kvm_sregs sregs;
	uint64_t offset = 0;
	/* The guest's counter is the host's, so that its records and the trace have one clock. */
	struct kvm_device_attr counter = { .group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET, .addr = (uintptr_t)&offset };

	regs.rsi = RECORDS + w->number * RECORDS_OF_ONE;
	if (ioctl(w->vcpu, KVM_GET_SREGS, &sregs))
		die("KVM_GET_SREGS");
	sregs.cs = flat;
	flat.type = 3;
	flat.selector = 16;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = flat;
	sregs.cr0 |= 1;
	if (ioctl(w->vcpu, KVM_SET_SREGS, &sregs) || ioctl(w->vcpu, KVM_SET_REGS, &regs))
		die("KVM_SET_REGS");
	if (ioctl(w->vcpu, KVM_SET_DEVICE_ATTR, &counter))
		die("KVM_VCPU_TSC_OFFSET");
}

static void *run_vcpu(void *arg)
{
	struct worker *w = arg;
	struct record *records = records_of(w);
	char name[16];

	for (int i = 0; i < ops; i++) {
		records[i] = (struct record){ .address = BASE + below(w, pages) * PAGE };
		records[i].writes = is_write(w);
		records[i].value = (uint32_t)(w->number + 1) << 24 | i;
	}
	prepare_vcpu(w);
	snprintf(name, sizeof(name), "vcpu%d", w->number);
	begin(w, name);
	for (;;) {
		w->runs++;
		if (ioctl(w->vcpu, KVM_RUN, 0) == 0) {
			if (w->run->exit_reason == KVM_EXIT_IO)
				return NULL;
			w->exits++;
			if (w->run->exit_reason == KVM_EXIT_MMIO)
				continue;
			fprintf(stderr, "gmemtest: vcpu%d ends with exit %d\n", w->number, w->run->exit_reason);
			return NULL;
		}
		if (errno == EINTR || errno == EAGAIN)
			continue;
		w->errors++;
		fprintf(stderr, "gmemtest: vcpu%d: KVM_RUN: %s\n", w->number, strerror(errno));
		return NULL;
	}
}

static void fallocates(struct worker *w, char letter, int mode)
{
	unsigned int page, count;
	uint64_t before;
	int result;

	range(w, &page, &count);
	rest(w);
	before = now();
	result = fallocate(file, mode, page * PAGE, count * PAGE);
	snprintf(w->lines[w->count++], sizeof(*w->lines), "U %c %d %lu %lu %u %u %d", letter, w->tid, before, now(), page, count,
		 result < 0 ? -errno : result);
}

static void *punch(void *arg)
{
	begin(arg, "puncher");
	for (int i = 0; i < punches; i++)
		fallocates(arg, 'P', FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
	return NULL;
}

static void *allocate(void *arg)
{
	begin(arg, "allocer");
	for (int i = 0; i < allocations; i++)
		fallocates(arg, 'A', FALLOC_FL_KEEP_SIZE);
	return NULL;
}

static __thread sigjmp_buf on_bus;

static void bus(int signal)
{
	(void)signal;
	siglongjmp(on_bus, 1);
}

static void *touch(void *arg)
{
	struct worker *w = arg;

	begin(w, "toucher");
	for (int i = 0; i < accesses; i++) {
		unsigned int page = below(w, pages);
		volatile uint32_t *at = (volatile uint32_t *)(mapped + page * PAGE);
		uint32_t value = is_write(w) ? 0xff000000u | i : 0;
		volatile uint64_t before;
		uint32_t found;

		rest(w);
		before = now();
		if (sigsetjmp(on_bus, 1)) {
			snprintf(w->lines[w->count++], sizeof(*w->lines), "U B %d %lu %lu %u 0x0 0x0", w->tid, before, now(), page);
			continue;
		}
		found = *at;
		if (value)
			*at = value;
		snprintf(w->lines[w->count++], sizeof(*w->lines), "U %c %d %lu %lu %u 0x%x 0x%x", value ? 'W' : 'R', w->tid, before,
			 now(), page, value, found);
	}
	return NULL;
}

static void set_slot(int is_there)
{
	struct kvm_userspace_memory_region2 slot = { .slot = 1, .flags = KVM_MEM_GUEST_MEMFD, .guest_phys_addr = BASE };

	slot.memory_size = is_there ? pages * PAGE : 0;
	slot.userspace_addr = (uintptr_t)mapped;
	slot.guest_memfd = file;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION2, &slot))
		die("KVM_SET_USER_MEMORY_REGION2");
}

static void *rebind(void *arg)
{
	begin(arg, "binder");
	for (int i = 0; i < rebinds; i++) {
		rest(arg);
		set_slot(0);
		set_slot(1);
	}
	return NULL;
}

static void make_vm(void)
{
	struct kvm_userspace_memory_region slot = { .memory_size = LOW_BYTES };
	struct kvm_create_guest_memfd create = { .size = pages * PAGE };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		die("/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		die("KVM_CREATE_VM");
	low = mmap(NULL, LOW_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (low == MAP_FAILED)
		die("mmap");
	memcpy(low + CODE, guest_code, sizeof(guest_code));
	slot.userspace_addr = (uintptr_t)low;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot))
		die("KVM_SET_USER_MEMORY_REGION");
	create.flags = ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_MEMFD_FLAGS) & MAPPED_AND_SHARED;
	file = ioctl(vm, KVM_CREATE_GUEST_MEMFD, &create);
	if (file < 0)
		die("KVM_CREATE_GUEST_MEMFD");
	mapped = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (mapped == MAP_FAILED)
		die("mmap of the guest_memfd");
	set_slot(1);
}

static void print(struct worker *workers, int count, uint64_t from, uint64_t to)
{
	pid_t tids[KINDS] = { 0 };

	printf("PARAMS vcpus=%d pages=%d ops=%d punch=%d user=%d alloc=%d rebind=%d vmtype=0 delay=%d maxlen=%d seed=%d write%%=%d gap=%d\n",
	       vcpus, pages, ops, punches, accesses, allocations, rebinds, delay_us, longest, seed, writes, gap);
	printf("DONE tsc0=%lu tsc1=%lu\n", from, to);
	for (struct worker *w = workers; w < workers + count; w++) {
		tids[w->kind] = w->tid;
		if (w->kind == VCPU)
			printf("VCPU %d tid=%d runs=%d other=%d failed=%d\n", w->number, w->tid, w->runs, w->exits, w->errors);
	}
	printf("TIDS puncher=%d toucher=%d allocer=%d binder=%d\n", tids[PUNCHER], tids[TOUCHER], tids[ALLOCER], tids[BINDER]);
	for (struct worker *w = workers; w < workers + count; w++) {
		struct record *r = records_of(w);

		for (int i = 0; w->kind == VCPU && i < ops; i++)
			printf("G %d %d %d %lu %lu %lu %s 0x%x 0x%x\n", w->number, w->tid, i, r[i].before, r[i].behind,
			       (r[i].address - BASE) / PAGE, r[i].writes ? "rw" : "r", r[i].found, r[i].writes ? r[i].value : 0);
		for (int i = 0; i < w->count; i++)
			puts(w->lines[i]);
	}
}

int main(int argc, char **argv)
{
	static const char options[] = "v:n:o:p:u:a:r:d:l:W:g:S:";
	int *values[] = { &vcpus,   &pages,    &ops,     &punches, &accesses, &allocations,
			  &rebinds, &delay_us, &longest, &writes,  &gap,      &seed };
	void *(*routines[KINDS])(void *) = { run_vcpu, punch, touch, allocate, rebind };
	struct worker workers[MOST_VCPUS + KINDS] = { 0 };
	int count = 0, run_bytes;
	uint64_t from;

	for (int letter; (letter = getopt(argc, argv, options)) != -1;) {
		const char *at = strchr(options, letter);

		if (letter == '?' || at == NULL)
			return 2;
		*values[(at - options) / 2] = atoi(optarg);
	}
	if (vcpus < 1 || vcpus > MOST_VCPUS || pages < 1 || longest < 1 || ops < 1 ||
	    ops > (int)(RECORDS_OF_ONE / sizeof(struct record))) {
		fprintf(stderr, "gmemtest: it has 1 to %d vCPUs, each with up to %lu accesses, a page and a hole at least\n", MOST_VCPUS,
			RECORDS_OF_ONE / sizeof(struct record));
		return 2;
	}
	make_vm();
	signal(SIGBUS, bus);
	run_bytes = ioctl(open("/dev/kvm", O_RDWR | O_CLOEXEC), KVM_GET_VCPU_MMAP_SIZE, 0);
	for (int i = 0; i < vcpus; i++) {
		struct worker *w = &workers[count++];

		w->number = i;
		w->vcpu = ioctl(vm, KVM_CREATE_VCPU, i);
		if (w->vcpu < 0)
			die("KVM_CREATE_VCPU");
		w->run = mmap(NULL, run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, w->vcpu, 0);
	}
	for (int kind = PUNCHER; kind < KINDS; kind++) {
		int times[KINDS] = { 0, punches, accesses, allocations, rebinds };

		if (times[kind] > 0)
			workers[count++].kind = kind;
	}
	for (int i = 0; i < count; i++) {
		workers[i].state = seed * 7919 + i * 104729 + 1;
		workers[i].lines = calloc(punches + accesses + allocations + 1, sizeof(*workers[i].lines));
		if (pthread_create(&workers[i].thread, NULL, routines[workers[i].kind], &workers[i]))
			die("pthread_create");
	}
	while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < count)
		usleep(100);
	from = now();
	__atomic_store_n(&started, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
	print(workers, count, from, now());
	return 0;
}
