using System.Net.Sockets;
using Npgsql;

namespace Streaming.Storage.Servers;

internal static class PostgresErrors
{
    /// <summary>
    /// Tells errors that certainly left nothing behind from those of which that is not known. Of the server's own errors
    /// only those count that it raises while it runs a statement: a connection that ends, its own or one from a
    /// coordinator to a worker, may end after the commit.
    /// </summary>
    public static Exception Translate(Exception e, string store) => e switch
    {
        PostgresException { SqlState: "53100" } => new StoreRefusedException($"The disk of {store} is full. Make room; nothing was written.", e),
        PostgresException { SqlState: "25006" } => new StoreRefusedException($"{store} is read-only. Connect to its primary; nothing was written.", e),
        PostgresException refused when IsRefusal(refused) =>
            new StoreRefusedException($"{store} refused the write ({refused.SqlState} {refused.MessageText}); nothing was written.", e),
        _ => new StoreUnavailableException($"{store} cannot be read or written now ({Reason(e)}).", e),
    };

    public static StoreUnavailableException Unreadable(Exception e, string store) => new($"{store} cannot be read now ({Reason(e)}).", e);

    /// <summary>Runs a step that only reads.</summary>
    /// <param name="read">
    /// Gets a token of its own: the driver sends the server's cancellation, and waits for it, within the call that cancels the token, and
    /// whoever does that must not block.
    /// </param>
    /// <exception cref="StoreUnavailableException">It failed.</exception>
    public static async Task<T> ReadAsync<T>(string store, Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.CanBeCanceled ? new CancellationTokenSource() : null;
        await using var asked = cancellationToken.UnsafeRegister(static stop => _ = ((CancellationTokenSource)stop!).CancelAsync(), stop);
        try
        {
            return await read(stop?.Token ?? default);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException)
        {
            // A connection that a cancellation broke says nothing of its server.
            throw cancellationToken.IsCancellationRequested ? new OperationCanceledException(null, e, cancellationToken) : Unreadable(e, store);
        }
    }

    /// <summary>Runs a step that may write.</summary>
    /// <exception cref="StoreRefusedException">Nothing was written.</exception>
    /// <exception cref="StoreUnavailableException">Whether anything was written is unknown.</exception>
    public static async Task<T> WriteAsync<T>(string store, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (Exception e) when (e is NpgsqlException or SocketException)
        {
            throw Translate(e, store);
        }
    }

    /// <summary>Whether the content of the statement is to blame, so that it would fail again: data out of range, a constraint.</summary>
    public static bool IsDataError(PostgresException e) => e.SqlState[..2] is "22" or "23";

    /// <summary>Whether the transaction was rolled back for another's sake and may simply be run again.</summary>
    public static bool IsContention(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable;

    /// <summary>Whether the server may be starting, stopping or out of reach, so that the same connection may open a little later.</summary>
    public static bool IsAway(Exception e) => e switch
    {
        PostgresException p => p.SqlState[..2] is "57" or "08" || p.SqlState == PostgresErrorCodes.TooManyConnections,
        _ => e is NpgsqlException { IsTransient: true } or SocketException or TimeoutException,
    };

    // No message of the driver's: it may name hosts and users.
    public static string Reason(Exception e) => e switch
    {
        PostgresException p => $"{p.SqlState} {p.MessageText}",
        { InnerException: TimeoutException } or TimeoutException or OperationCanceledException => "no answer in time",
        SocketException socket => Reason(socket.SocketErrorCode),
        { InnerException: SocketException socket } => Reason(socket.SocketErrorCode),
        _ => e.InnerException?.GetType().Name ?? e.GetType().Name,
    };

    private static string Reason(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "no such host",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no way to the host",
        _ => $"connection lost, {error}",
    };

    private static bool IsRefusal(PostgresException e) =>
        IsDataError(e) || IsContention(e) || e.SqlState[..2] is "0A" or "25" or "28" or "3D" or "42" or "53" or "54";
}
