namespace Streaming;

/// <summary>Work that several callers wait for, and that belongs to none of them.</summary>
public static class Detached
{
    /// <summary>
    /// Starts it away from the activation that happens to call, if one does: its rest would run in turns of that activation, and
    /// others would wait while it is busy. Elsewhere it starts on the caller's thread.
    /// </summary>
    /// <param name="work">Never throws.</param>
    public static void Run<TState>(Func<TState, Task> work, TState state)
    {
        if (TaskScheduler.Current == TaskScheduler.Default)
        {
            _ = work(state);
            return;
        }

        // Without its execution context: nor is it part of its call chain.
        ThreadPool.UnsafeQueueUserWorkItem(static item => _ = item.work(item.state), (work, state), preferLocal: false);
    }
}
