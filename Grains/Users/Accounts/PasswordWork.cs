namespace Streaming.Users;

/// <summary>A password that waits for <see cref="PasswordHashing"/>.</summary>
internal interface IPasswordWork
{
    /// <summary>When it began to wait.</summary>
    long Since { get; }

    /// <summary>How many passwords had been hashed then.</summary>
    long Turn { get; }

    /// <summary>It is not waited for any more.</summary>
    bool IsAbandoned { get; }

    void Run();

    void Refuse();
}

internal sealed class PasswordWork<T>(Func<T> hash, T refused, long since, long turn, CancellationToken abandoned) : IPasswordWork
{
    // What goes on when it is done must not run on the thread that hashes.
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => done.Task;

    public long Since => since;

    public long Turn => turn;

    public bool IsAbandoned => abandoned.IsCancellationRequested;

    public void Run()
    {
        try
        {
            done.SetResult(hash());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    public void Refuse() => done.SetResult(refused);
}
