# shellcheck shell=bash
# Installs what the machine lacks: Debian packages from the lists beside this file, and npm packages.
# Sourced by ./run and ./test. When nothing is missing it calls neither apt nor npm and takes some 20 ms.
#
#   install_packages LIST...      Debian packages named in the files LIST
#   install_npm FOLDER LABEL      npm ci in FOLDER, if its package-lock.json is not what is installed

policy_file=/usr/sbin/policy-rc.d
policy_marker="# Written by Calyptenora's set-up, which removes it again."

say() { printf '%s\n' "$*" >&2; }

die() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# Any Node.js from 18 on will do, from wherever it comes.
has_usable_node() {
    local version
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    version=$(node --version 2>/dev/null) || return 1
    version=${version#v}
    [[ ${version%%.*} =~ ^[0-9]+$ ]] && ((${version%%.*} >= 18))
}

missing_packages() {
    local wanted installed
    wanted=$(sed 's/#.*//; /^[[:space:]]*$/d' "$@")
    if has_usable_node; then wanted=$(grep -vxE 'nodejs|npm' <<<"$wanted"); fi
    # dpkg-query fails if it does not know one of them, which is just what is asked here.
    # shellcheck disable=SC2086
    installed=$({ dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' $wanted 2>/dev/null || true; } |
        sed -n 's/^ii *//p')
    comm -23 <(sort -u <<<"$wanted") <(sort -u <<<"$installed")
}

require_debian_12() {
    local id version
    id=$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null | tr -d '"')
    version=$(sed -n 's/^VERSION_ID=//p' /etc/os-release 2>/dev/null | tr -d '"')
    [[ $id == debian && $version == 12 ]] && return
    die "packages are missing, and this is not Debian 12 but ${id:-an unknown system} ${version}." \
        "Install the equivalents of what is listed above yourself, then set CALYPTENORA_SKIP_INSTALL=1."
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo -- "$@"
    fi
}

# A server package starts its service when installed; the tests start instances of their own instead.
# A policy-rc.d of the machine's owner stays as it is.
refuse_service_starts() {
    [[ -e $policy_file ]] && return
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_marker" | as_root tee "$policy_file" >/dev/null
    as_root chmod 755 "$policy_file"
}

allow_service_starts() {
    if [[ -f $policy_file ]] && grep -qxF "$policy_marker" "$policy_file"; then as_root rm -f "$policy_file"; fi
}

# Services that this set-up brought to the machine do not start at its next boot either.
disable_at_boot() {
    command -v systemctl >/dev/null || return 0
    local package
    for package in "$@"; do
        case $package in
        nginx-light) as_root systemctl disable --quiet nginx.service 2>/dev/null || true ;;
        postgresql-15) as_root systemctl disable --quiet postgresql.service 2>/dev/null || true ;;
        esac
    done
}

# Turns apt's status lines into one line of progress every few seconds.
show_apt_progress() {
    local kind what percent text next=0
    while IFS=: read -r kind what percent text; do
        [[ $kind == dlstatus || $kind == pmstatus ]] || continue
        ((SECONDS >= next)) || continue
        next=$((SECONDS + 3))
        if [[ $kind == dlstatus ]]; then text="download: $text"; else text="install: $text"; fi
        printf '  [%3.0f %%] %s\n' "${percent%%.*}" "$text" >&2
    done
}

# run_apt FOLDER ARGUMENT...: the output goes to FOLDER/log. The status lines come through a pipe of their own:
# apt makes it non-blocking, and packages whose scripts print something fail on such a standard output.
run_apt() {
    local folder=$1 reader status=0
    shift
    [[ -p $folder/status ]] || mkfifo -m 600 "$folder/status"
    show_apt_progress <>"$folder/status" &
    reader=$!
    # shellcheck disable=SC2016
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 LC_ALL=C.UTF-8 \
        bash -c 'exec 3>"$0" && exec apt-get "$@"' "$folder/status" \
        -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 "$@" \
        >>"$folder/log" 2>&1 </dev/null || status=$?
    kill "$reader"
    wait "$reader" 2>/dev/null || true
    return "$status"
}

install_packages() {
    [[ -z ${CALYPTENORA_SKIP_INSTALL:-} ]] || return 0
    local names missing folder log
    names=$(missing_packages "$@")
    [[ -n $names ]] || return 0
    mapfile -t missing <<<"$names"

    say "Debian packages to install (${#missing[@]}): ${missing[*]}"
    require_debian_12
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        die "installing packages needs root, and there is no sudo." \
            "Run this once as root:  apt-get install --no-install-recommends ${missing[*]}"
    fi
    if ((EUID != 0)) && ! sudo -v; then die "installing packages needs root, and sudo refused."; fi
    if [[ " ${missing[*]} " == *" libboost1.81-dev "* ]] &&
        dpkg-query -W -f '${db:Status-Abbrev}' libboost1.74-dev 2>/dev/null | grep -q '^ii'; then
        die "libboost1.81-dev cannot be installed beside libboost1.74-dev, which is on this machine." \
            "Remove that first (it goes together with libboost-dev and what depends on it):" \
            "  apt-get remove libboost1.74-dev" \
            "or build in a Debian 12 container."
    fi

    folder=$(mktemp -d "${TMPDIR:-/tmp}/calyptenora-apt.XXXXXX")
    log=$folder/log
    trap allow_service_starts EXIT
    refuse_service_starts
    say "Updating the package lists ..."
    run_apt "$folder" update || say "  (apt-get update reported an error, see $log)"
    say "Installing ..."
    if ! run_apt "$folder" install --no-install-recommends "${missing[@]}"; then
        say ""
        grep -E '^(E:|Err:|dpkg: error)' "$log" | sort -u | tail -n 5 >&2
        if grep -qE 'Could not resolve|Could not connect|Failed to fetch|Temporary failure' "$log"; then
            die "the packages could not be downloaded. Is this machine connected to Debian's archive?" \
                "The whole output of apt-get is in $log."
        fi
        die "apt-get failed. Its whole output is in $log."
    fi
    disable_at_boot "${missing[@]}"
    allow_service_starts
    trap - EXIT
    rm -rf "$folder"
    say "All packages are there."
}

install_npm() {
    local folder=$1 label=$2 wanted stamp log
    [[ -z ${CALYPTENORA_SKIP_INSTALL:-} && -f $folder/package-lock.json ]] || return 0
    stamp=$folder/node_modules/.calyptenora-lock
    wanted=$(sha256sum <"$folder/package-lock.json")
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return 0
    say "Installing $label (npm ci) ..."
    log=$(mktemp "${TMPDIR:-/tmp}/calyptenora-npm.XXXXXX")
    # No package of ours needs an install script, so none may run.
    if ! npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        die "npm ci failed in $folder." "The whole output is in $log."
    fi
    printf '%s\n' "$wanted" >"$stamp"
    rm -f "$log"
}
