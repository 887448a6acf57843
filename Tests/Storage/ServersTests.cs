namespace Streaming.Tests.Storage;

/// <summary>
/// The collection of all classes that use <see cref="TestServers"/>: they share databases and empty them, so they run
/// one after another.
/// </summary>
[CollectionDefinition(Name)]
public sealed class ServersTests
{
    public const string Name = "Servers";
}
