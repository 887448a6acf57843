namespace Streaming.Silo;

/// <summary>
/// Ends the process of a silo that must not go on, say because the others have declared it dead: at once, in one line, and with an
/// exit code by which any supervisor starts it anew. What it acknowledged is in the journal, and another silo applies it.
/// </summary>
internal sealed class FatalSiloError : IFatalErrorHandler
{
    private const int MaxReason = 500;
    private int ending;

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        if (Interlocked.Exchange(ref ending, 1) == 1)
            return;

        var reason = $"{context} {exception?.Message}".ReplaceLineEndings(" ").Trim();
        Console.Error.WriteLine($"This silo ends, to be started anew by its supervisor: {(reason.Length > MaxReason ? reason[..MaxReason] : reason)}");
        Environment.ExitCode = 1;
        Environment.Exit(1);
    }
}
