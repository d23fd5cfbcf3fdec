/**
 * Probes body: what the recording script does with its probes, in the shell's words. Used by the script's writer.
 */

/** A dollar in front of a brace, which a template of ours would take for its own. */
const D = '$';

/** The script; `@PROBES@` is where the probes are. */
export const SCRIPT_BODY = String.raw`#!/bin/sh
# Records what faultline conform reads: guest_memfd and KVM's MMU while COMMAND runs. Printed by faultline conform --probes.
#
#   sh record.sh COMMAND [ARGUMENT...] > NAME.trace.txt      (as root)
#
# COMMAND and all its threads are recorded, in a trace instance of its own that goes away in the end; what the command prints
# goes to stderr. TRACEFS is the tracing directory (/sys/kernel/tracing), BUFFER_KB the size of each processor's buffer.
# Functions are probed by fprobe events with names from BTF (Linux 6.5), else by kprobe events; the fields of a return that
# are arguments need Linux 6.9. What this kernel lacks is told on stderr and in the header, and conform leaves it open.
#
# The dollars in the probes are the kernel's.
# shellcheck disable=SC2016
set -eu

tracefs=${D}{TRACEFS:-/sys/kernel/tracing}
instance=$tracefs/instances/faultline
group=faultline

die() {
    echo "record: $*" >&2
    exit 1
}

[ $# -gt 0 ] || die "usage: sh record.sh COMMAND [ARGUMENT...] > NAME.trace.txt"
[ -w "$tracefs/dynamic_events" ] || die "$tracefs/dynamic_events cannot be written; run this as root on a kernel with tracefs"
[ -r "$tracefs/available_filter_functions" ] || die "there is no $tracefs/available_filter_functions; this kernel has no function tracing"
[ -d "$instance" ] || mkdir "$instance" || die "$instance cannot be made"

made=
missing=

# Takes everything away again, whatever happened; the trap calls it.
# shellcheck disable=SC2317
cleanup() {
    echo 0 > "$instance/tracing_on" || :
    for event in $made; do
        [ ! -e "$instance/events/$group/$event/enable" ] || echo 0 > "$instance/events/$group/$event/enable" || :
    done
    rmdir "$instance" 2> /dev/null || :
    for event in $made; do
        echo "-:$group/$event" >> "$tracefs/dynamic_events" || :
    done
}
trap cleanup EXIT
trap 'exit 143' TERM HUP
# Ctrl-C ends the command, and what it did until then is printed.
trap : INT

# The functions that can be probed, one a line; a line may have the module behind the name.
functions=$(cut -d ' ' -f 1 "$tracefs/available_filter_functions")

has_function() {
    printf '%s\n' "$functions" | grep -qx -- "$1"
}

has_fprobes=no
if grep -q 'f\[:' "$tracefs/README" 2> /dev/null; then has_fprobes=yes; fi

lacks() {
    missing="$missing${D}{missing:+, }$1"
    echo "record: not recorded: $1 ($2)" >&2
}

# probe EVENT entry|return FIELDS FUNCTION...: an event at the first of the functions that this kernel has.
probe() {
    event=$1
    where=$2
    fields=$3
    shift 3
    function=
    for name in "$@"; do
        if [ -z "$function" ] && has_function "$name"; then function=$name; fi
    done
    if [ -z "$function" ]; then
        lacks "$event" "there is no function $1 that can be probed; it may be inlined"
        return 0
    fi
    case $has_fprobes-$where in
        yes-entry) definition="f:$group/$event $function" ;;
        yes-return) definition="f:$group/$event $function%return" ;;
        no-entry) definition="p:$group/$event $function" ;;
        *) definition="r:$group/$event $function" ;;
    esac
    if ! echo "$definition${D}{fields:+ }$fields" >> "$tracefs/dynamic_events" 2> /dev/null; then
        lacks "$event" "the kernel refuses the probe; see $tracefs/error_log"
        return 0
    fi
    made="$made $event"
}

# tracepoint SYSTEM/EVENT: one of the kernel's own.
tracepoint() {
    if [ -e "$instance/events/$1/enable" ]; then
        echo 1 > "$instance/events/$1/enable"
    else
        lacks "${D}{1#*/}" "this kernel has no such tracepoint"
    fi
}

echo 0 > "$instance/tracing_on"
echo "${D}{BUFFER_KB:-32768}" > "$instance/buffer_size_kb"
# The clock that a guest can read as well, so that a log of its accesses has the same times.
for clock in x86-tsc mono; do
    if grep -q -e "$clock" "$instance/trace_clock"; then
        echo "$clock" > "$instance/trace_clock"
        break
    fi
done

@PROBES@

# Folios of guest_memfd: by the magic of their file system (its own, or that of anonymous inodes in older kernels), or with no
# mapping once they are removed, for their unlock comes after that.
filter=$instance/events/$group/folio_unlock/filter
[ ! -e "$filter" ] || echo 'magic == 0x474d454d || magic == 0x9041934 || mapping == 0' > "$filter"
for event in $made; do
    echo 1 > "$instance/events/$group/$event/enable"
done

# Only the command, with whatever it starts.
echo 1 > "$instance/options/event-fork"
echo 1 > "$instance/tracing_on"
status=0
sh -c 'echo "$$" > "$0"; exec "$@"' "$instance/set_event_pid" "$@" >&2 || status=$?
echo 0 > "$instance/tracing_on"

echo "# kernel: $(uname -r) $(uname -v)"
echo "# cmd: $*"
echo "# clock: $(cat "$instance/trace_clock")"
echo "# cpus: $(find "$instance/per_cpu" -mindepth 1 -maxdepth 1 -name 'cpu*' | wc -l | tr -d ' ')"
echo "# overrun: $(grep -h '^overrun:' "$instance"/per_cpu/cpu*/stats | tr '\n' ' ')"
[ -z "$missing" ] || echo "# not recorded: $missing"
cat "$instance/trace"
exit "$status"
`;
