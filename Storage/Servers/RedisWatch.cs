using StackExchange.Redis;

namespace Streaming.Storage.Servers;

/// <summary>Who is told of each connection to Redis: the driver tells of its commands only to who asked the connection for it.</summary>
public sealed record RedisWatch(Action<IConnectionMultiplexer> Opened);
