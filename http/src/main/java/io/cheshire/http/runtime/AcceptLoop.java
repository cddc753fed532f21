package io.cheshire.http.runtime;

import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.util.ThreadFactories;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that accepts a listener's connections. It ends as soon as it has nothing to do: when a server stops,
 * Armeria asks the loop's own group to end, past whatever its builder wrapped around it, and Netty's group would then
 * stay quiet for two seconds first.
 */
final class AcceptLoop extends MultiThreadIoEventLoopGroup {
    private AcceptLoop(final String threadName, final IoHandlerFactory events) {
        super(1, ThreadFactories.newThreadFactory(threadName, false), events);
    }

    /** A loop for the kind of sockets that Armeria uses on this machine. */
    static EventLoopGroup named(final String threadName) {
        return switch (Flags.transportType()) {
            case EPOLL -> new AcceptLoop(threadName, EpollIoHandler.newFactory());
            case NIO -> new AcceptLoop(threadName, NioIoHandler.newFactory());
            case KQUEUE, IO_URING -> Listeners.threads(threadName, 1);
        };
    }

    @Override
    public Future<?> shutdownGracefully() {
        return shutdownGracefully(
                Listeners.STOP_QUIET.toMillis(), Listeners.STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
