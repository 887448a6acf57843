using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Streaming.Storage.Embedded;

/// <summary>
/// One SQLite file in WAL mode with <c>synchronous=FULL</c>: one writer, and a few readers beside it. SQLite blocks its
/// thread, so the asynchronous methods leave the caller's: a grain's turn never waits for a disk.
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    private const int MaxReaders = 4;
    private const int CommandTimeoutSeconds = 30;
    private const long RecentMilliseconds = 2_000;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private readonly string connectionString;
    private readonly string? attachedPath;
    private readonly string? attachedName;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly SemaphoreSlim reading = new(MaxReaders, MaxReaders);
    private readonly ConcurrentBag<SqliteConnection> idleReaders = [];
    private readonly SqliteConnection writer;
    private long committedAt = -RecentMilliseconds;

    /// <param name="attached">Another file that this one's queries join with, by its name.</param>
    public SqliteFile(string path, (string Name, string Path)? attached = null)
    {
        Path = path;
        (attachedName, attachedPath) = (attached?.Name, attached?.Path);
        connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = CommandTimeoutSeconds,
        }.ToString();
        // Its wal and index are made with its own mode; of an older version they are closed like it.
        foreach (var other in (string[])["-wal", "-shm"])
            OwnerOnly.Close(path + other);

        OwnerOnly.MakeFile(path);
        writer = Connect();
    }

    public string Path { get; }

    /// <summary>
    /// Whether a commit is possible: writes the first page as it is, unless there was a commit a moment ago. On a full or read-only disk
    /// reading goes on.
    /// </summary>
    public Task ProbeAsync(CancellationToken cancellationToken) => Environment.TickCount64 - Volatile.Read(ref committedAt) < RecentMilliseconds
        ? Task.CompletedTask
        : WriteAsync(
            static connection =>
            {
                connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {connection.Scalar("PRAGMA user_version") ?? 0}"));
                return true;
            },
            cancellationToken);

    /// <summary>A statement that runs is interrupted when the token ends.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        using var span = SqliteTrace.Start("read", Path);
        if (!await reading.WaitAsync(MaxWait, cancellationToken))
            throw Busy();

        try
        {
            return await Task.Run(() => Read(read, cancellationToken), cancellationToken);
        }
        catch (Exception e)
        {
            span.Fail(e);
            throw;
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Runs <paramref name="write"/> in a transaction of its own.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellationToken)
    {
        using var span = SqliteTrace.Start("write", Path);
        if (!await writing.WaitAsync(MaxWait, cancellationToken))
            throw Busy();

        try
        {
            return await Task.Run(() => InTransaction(write), cancellationToken);
        }
        catch (Exception e)
        {
            span.Fail(e);
            throw;
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>The same on the caller's thread.</summary>
    public T Write<T>(Func<SqliteConnection, T> write)
    {
        using var span = SqliteTrace.Start("write", Path);
        if (!writing.Wait(MaxWait))
            throw Busy();

        try
        {
            return InTransaction(write);
        }
        catch (Exception e)
        {
            span.Fail(e);
            throw;
        }
        finally
        {
            writing.Release();
        }
    }

    public void Dispose()
    {
        while (idleReaders.TryTake(out var reader))
            reader.Dispose();

        writer.Dispose();
        writing.Dispose();
        reading.Dispose();
    }

    private StoreRefusedException Busy() => new($"{Path} is busy; nothing was read or written. Try again later.");

    private T Read<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        if (!idleReaders.TryTake(out var connection))
            connection = Connect();

        try
        {
            using var interruption = cancellationToken.UnsafeRegister(static reader => sqlite3_interrupt(((SqliteConnection)reader!).Handle), connection);
            return read(connection);
        }
        catch (SqliteException e)
        {
            throw e.SqliteErrorCode == SQLITE_INTERRUPT && cancellationToken.IsCancellationRequested
                ? new OperationCanceledException(null, e, cancellationToken)
                : SqliteErrors.Translate(e, Path);
        }
        finally
        {
            idleReaders.Add(connection);
        }
    }

    private T InTransaction<T>(Func<SqliteConnection, T> write)
    {
        try
        {
            using var transaction = writer.BeginTransaction(deferred: false);
            var result = write(writer);
            transaction.Commit();
            Volatile.Write(ref committedAt, Environment.TickCount64);
            return result;
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, Path);
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        // A checkpoint costs two flushes, so not every 4 MB; and the wal is cut back after one, so that a burst leaves no large file behind.
        connection.Execute("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864;
            """);
        if (attachedName is not null)
            connection.Execute($"ATTACH DATABASE $path AS {attachedName}", ("$path", attachedPath));

        return connection;
    }
}
