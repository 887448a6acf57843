using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

/// <summary>A double: a real store of activity whose writes a test can refuse or make lose their answer.</summary>
internal sealed class ActivityDouble(IActivityBatchStore store) : IActivityBatchStore
{
    /// <summary>Runs before a write reaches the store.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Runs when a write is in the store and before its caller knows.</summary>
    public Action? AfterWrite { get; set; }

    public void Write(string writerId, long batch, ActivityBatch content)
    {
        BeforeWrite?.Invoke();
        store.Write(writerId, batch, content);
        AfterWrite?.Invoke();
    }
}
