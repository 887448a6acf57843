namespace Streaming.Tests.Storage;

/// <summary>
/// The collection of all classes that use <see cref="TestServers"/>, from this process or from programs that they start: they
/// share databases, empty them and stop servers, so they run one after another.
/// </summary>
public static class ServersTests
{
    public const string Name = "Servers";
}
