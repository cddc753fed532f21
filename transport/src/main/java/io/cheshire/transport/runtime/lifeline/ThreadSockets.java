package io.cheshire.transport.runtime.lifeline;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * TCP sockets by Linux's system calls, for one thread that keeps its files to itself ({@link #ownFiles}). Java's own
 * sockets can't be used there: they are closed, and cleaned up, by threads to which their numbers are other files.
 *
 * <p>Every method returns what the system call does, or the error's number as a negative one; none blocks but
 * {@link #poll}. Structures and numbers are those of 64-bit Linux on x86 and ARM.
 */
final class ThreadSockets {
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EADDRINUSE = 98;
    static final int EADDRNOTAVAIL = 99;
    static final int POLLIN = 1;
    /** Bytes of an entry of {@link #poll}'s table: the socket (int), what is awaited and what came (shorts). */
    static final long POLL_ENTRY_BYTES = 8;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_KEEPALIVE = 9;
    private static final int SO_REUSEADDR = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final long SYS_CLOSE_RANGE = 436;
    private static final int CLOSE_RANGE_UNSHARE = 2;
    private static final int FIRST_FILE_BUT_STANDARD_ONES = 3;
    private static final long SOCKET_ADDRESS_BYTES = 28;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO_OF =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SYSCALL =
            bind("syscall", JAVA_LONG, Linker.Option.firstVariadicArg(1), JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKET = bind("socket", JAVA_INT, null, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = bind("bind", JAVA_INT, null, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = bind("listen", JAVA_INT, null, JAVA_INT, JAVA_INT);
    private static final MethodHandle CONNECT = bind("connect", JAVA_INT, null, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle NAME = bind("getsockname", JAVA_INT, null, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle OPTION =
            bind("setsockopt", JAVA_INT, null, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle ACCEPT = bind("accept4", JAVA_INT, null, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle SEND = bind("send", JAVA_LONG, null, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECEIVE = bind("recv", JAVA_LONG, null, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle POLL = bind("poll", JAVA_INT, null, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CLOSE = bind("close", JAVA_INT, null, JAVA_INT);

    private final MemorySegment callState;
    private final MemorySegment socketAddress;
    private final MemorySegment length;
    private final MemorySegment bytes;

    /** @param arena outlives it */
    ThreadSockets(final Arena arena) {
        callState = arena.allocate(Linker.Option.captureStateLayout());
        socketAddress = arena.allocate(SOCKET_ADDRESS_BYTES, Long.BYTES);
        length = arena.allocate(JAVA_INT);
        bytes = arena.allocate(JAVA_LONG);
    }

    private static MethodHandle bind(
            final String name,
            final MemoryLayout result,
            final Linker.@Nullable Option variadic,
            final MemoryLayout... arguments) {
        final FunctionDescriptor signature = FunctionDescriptor.of(result, arguments);
        final MemorySegment function = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("the C library has no function " + name));
        return variadic == null
                ? LINKER.downcallHandle(function, signature, ERRNO)
                : LINKER.downcallHandle(function, signature, ERRNO, variadic);
    }

    /**
     * From now on the calling thread has a table of files of its own, with nothing in it but the three standard ones:
     * what it opens is closed when it ends, and only then, whoever of the process goes on. See close_range(2),
     * CLOSE_RANGE_UNSHARE.
     */
    int ownFiles() {
        try {
            return result((long) SYSCALL.invokeExact(
                    callState, SYS_CLOSE_RANGE, FIRST_FILE_BUT_STANDARD_ONES, Integer.MAX_VALUE, CLOSE_RANGE_UNSHARE));
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    /**
     * A socket that listens on a port of the address, 0 for any free one. A port whose last connections the kernel
     * still remembers is free: a process that is started again comes back to it.
     */
    int listen(final InetAddress address, final int port, final int backlog) {
        try {
            final int socket = open(address);
            if (socket < 0) {
                return socket;
            }
            bytes.set(JAVA_INT, 0, 1);
            int outcome =
                    result((int) OPTION.invokeExact(callState, socket, SOL_SOCKET, SO_REUSEADDR, bytes, Integer.BYTES));
            if (outcome >= 0) {
                final int addressBytes = write(address, port);
                outcome = result((int) BIND.invokeExact(callState, socket, socketAddress, addressBytes));
            }
            if (outcome >= 0) {
                outcome = result((int) LISTEN.invokeExact(callState, socket, backlog));
            }
            if (outcome < 0) {
                close(socket);
                return outcome;
            }
            return socket;
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    /** A socket on its way to the port of the address: it needn't have arrived. */
    int connect(final InetAddress address, final int port) {
        try {
            final int socket = open(address);
            if (socket < 0) {
                return socket;
            }
            final int addressBytes = write(address, port);
            final int ignored = (int) CONNECT.invokeExact(callState, socket, socketAddress, addressBytes);
            return socket;
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    private int open(final InetAddress address) throws Throwable {
        final int family = address instanceof Inet6Address ? AF_INET6 : AF_INET;
        return result((int) SOCKET.invokeExact(callState, family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    }

    /** The port of a socket of ours. */
    int port(final int socket) {
        try {
            length.set(JAVA_INT, 0, (int) SOCKET_ADDRESS_BYTES);
            final int outcome = result((int) NAME.invokeExact(callState, socket, socketAddress, length));
            return outcome < 0
                    ? outcome
                    : Short.toUnsignedInt(socketAddress.get(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), Short.BYTES));
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    /** The next connection that waits to be accepted, kept alive by the kernel. */
    int accept(final int listener) {
        try {
            final int socket = result((int) ACCEPT.invokeExact(
                    callState, listener, MemorySegment.NULL, MemorySegment.NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (socket >= 0) {
                bytes.set(JAVA_INT, 0, 1);
                final int ignored =
                        (int) OPTION.invokeExact(callState, socket, SOL_SOCKET, SO_KEEPALIVE, bytes, Integer.BYTES);
            }
            return socket;
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    /** Sends eight bytes, the most significant first; they fit or the outcome isn't 8. */
    int send(final int socket, final long value) {
        try {
            bytes.set(JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN), 0, value);
            return result(
                    (long) SEND.invokeExact(callState, socket, bytes, (long) Long.BYTES, MSG_NOSIGNAL | MSG_DONTWAIT));
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    /**
     * 8 when the other side said eight bytes, which {@link #received} has; fewer when it said less, 0 and -{@link
     * #EAGAIN} as below.
     */
    int receiveLong(final int socket) {
        try {
            return result((long) RECEIVE.invokeExact(callState, socket, bytes, (long) Long.BYTES, MSG_DONTWAIT));
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    /** What came last, the most significant byte first. */
    long received() {
        return bytes.get(JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN), 0);
    }

    /** 1 when the other side said something, 0 when it has ended, -{@link #EAGAIN} when neither. */
    int receive(final int socket) {
        try {
            return result((long) RECEIVE.invokeExact(callState, socket, bytes, 1L, MSG_DONTWAIT));
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    /**
     * Waits until one of the table's first sockets has something to say.
     *
     * @param timeoutMs -1: for ever
     */
    int poll(final MemorySegment table, final int count, final int timeoutMs) {
        try {
            return result((int) POLL.invokeExact(callState, table, (long) count, timeoutMs));
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    void close(final int socket) {
        try {
            final int ignored = (int) CLOSE.invokeExact(callState, socket);
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
    }

    private int write(final InetAddress address, final int port) {
        final byte[] raw = address.getAddress();
        socketAddress.fill((byte) 0);
        socketAddress.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), Short.BYTES, (short) port);
        if (address instanceof Inet6Address six) {
            socketAddress.set(JAVA_SHORT, 0, (short) AF_INET6);
            MemorySegment.copy(raw, 0, socketAddress, JAVA_BYTE, 8, raw.length);
            socketAddress.set(JAVA_INT, 24, six.getScopeId());
            return 28;
        }
        socketAddress.set(JAVA_SHORT, 0, (short) AF_INET);
        MemorySegment.copy(raw, 0, socketAddress, JAVA_BYTE, 4, raw.length);
        return 16;
    }

    private int result(final long returned) {
        return returned >= 0 ? (int) returned : -(int) ERRNO_OF.get(callState, 0L);
    }

    private static RuntimeException unexpected(final Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }
}
