# shellcheck shell=sh
# Finds what Squall runs on. Source it:  . ./tornado-env.sh     Or run it to see what it finds:  sh tornado-env.sh
# Exports JAVA_HOME, a JDK of at least version 25. `mvnw` and `squall` both source this file, so there is one search:
# JAVA_HOME, the PATH, SDKMAN, then the usual places; in the usual places the newest JDK wins.
# Exports TORNADOVM_HOME too where a TornadoVM SDK is found: TORNADOVM_HOME itself, then SDKMAN's current one. Without
# an SDK, or with one for another JDK, Squall runs on the JVM alone and squall_sdk_problem says in a line what to do.

squall_jdk_version() { # HOME -> prints the feature version of a JDK with a compiler, 0 for anything else
    if [ ! -x "$1/bin/javac" ] || [ ! -x "$1/bin/java" ]; then echo 0; return; fi
    squall_version=""
    if [ -r "$1/release" ]; then
        squall_version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    fi
    if [ -z "$squall_version" ]; then
        squall_version=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    fi
    echo "${squall_version:-0}"
}

squall_find_jdk() { # prints the home of the JDK to use, or nothing
    if [ -n "${JAVA_HOME:-}" ] && [ "$(squall_jdk_version "$JAVA_HOME")" -ge 25 ]; then
        echo "$JAVA_HOME"
        return
    fi
    squall_javac=$(command -v javac 2>/dev/null || true)
    if [ -n "$squall_javac" ]; then
        squall_home=$(dirname "$(dirname "$(readlink -f "$squall_javac" 2>/dev/null || echo "$squall_javac")")")
        if [ "$(squall_jdk_version "$squall_home")" -ge 25 ]; then
            echo "$squall_home"
            return
        fi
    fi
    squall_best=""
    squall_best_version=24
    for squall_home in "${SDKMAN_CANDIDATES_DIR:-$HOME/.sdkman/candidates}"/java/* \
        /usr/lib/jvm/* /usr/java/* /usr/local/java/* /opt/java/* /opt/jdk* "$HOME"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home /usr/local/opt/openjdk* /opt/homebrew/opt/openjdk*; do
        squall_version=$(squall_jdk_version "$squall_home")
        if [ "$squall_version" -gt "$squall_best_version" ]; then
            squall_best=$squall_home
            squall_best_version=$squall_version
        fi
    done
    echo "$squall_best"
}

squall_jdk=$(squall_find_jdk)
if [ -z "$squall_jdk" ]; then
    echo "squall: no JDK 25 or newer in JAVA_HOME, on the PATH or under /usr/lib/jvm; install one (e.g. Temurin 25, adoptium.net) or set JAVA_HOME" >&2
    unset squall_jdk
    # shellcheck disable=SC2317 # reached when the file is run, not sourced
    return 1 2>/dev/null || exit 1
fi
JAVA_HOME=$squall_jdk
export JAVA_HOME
unset squall_jdk

squall_sdk_problem() { # prints in one line why there is no TornadoVM SDK to run on, or nothing
    squall_install="install one with: sdk install tornadovm (sdkman.io), or set TORNADOVM_HOME"
    if [ -z "$squall_sdk_version" ]; then
        if [ -f "$squall_sdk/tornado-argfile.template" ]; then
            echo "the TornadoVM SDK in $squall_sdk has no tornado-argfile; run: $squall_sdk/bin/tornado --generate-argfile"
        elif [ -n "$squall_sdk_named" ]; then
            echo "TORNADOVM_HOME is $squall_sdk, where there is no TornadoVM SDK (a file tornado-argfile); $squall_install"
        else
            echo "no TornadoVM SDK: TORNADOVM_HOME is not set and there is none in $squall_sdk; $squall_install"
        fi
        return
    fi
    squall_version=${squall_sdk_version##*-jdk}
    squall_feature=$(squall_jdk_version "$JAVA_HOME")
    case $squall_sdk_version in
    *-jdk"$squall_feature"*) ;;
    *-jdk*)
        echo "TornadoVM $squall_sdk_version in $squall_sdk needs JDK ${squall_version%%-*}, and JAVA_HOME is JDK $squall_feature in $JAVA_HOME; set JAVA_HOME, or: sdk install tornadovm VERSION-jdk$squall_feature-BACKEND"
        ;;
    *)
        echo "TornadoVM $squall_sdk_version in $squall_sdk does not say for which JDK it is; Squall needs one for JDK $squall_feature: sdk install tornadovm VERSION-jdk$squall_feature-BACKEND"
        ;;
    esac
}

squall_sdk_named=${TORNADOVM_HOME:-}
squall_sdk=${TORNADOVM_HOME:-${SDKMAN_CANDIDATES_DIR:-$HOME/.sdkman/candidates}/tornadovm/current}
squall_sdk_version=""
if [ -f "$squall_sdk/tornado-argfile" ]; then
    squall_sdk_version=$(sed -n 's/^version=//p' "$squall_sdk/etc/tornado.release" 2>/dev/null | head -n 1)
    squall_sdk_version=${squall_sdk_version:-of unknown version}
    TORNADOVM_HOME=$squall_sdk
    export TORNADOVM_HOME
fi

if [ "${0##*/}" = tornado-env.sh ]; then # run, not sourced
    echo "JDK        $(squall_jdk_version "$JAVA_HOME") in $JAVA_HOME"
    squall_problem=$(squall_sdk_problem)
    if [ -n "$squall_problem" ]; then
        echo "TornadoVM  $squall_problem"
        exit 1
    fi
    echo "TornadoVM  $squall_sdk_version in $TORNADOVM_HOME ($(sed -n 's/^tornado.backends=//p' "$TORNADOVM_HOME/etc/tornado.backend" 2>/dev/null))"
fi
