namespace Streaming.Health;

/// <summary>The health of the silo that a call arrives at. A stateless worker; any key will do.</summary>
[Alias("cluster-health")]
public interface IClusterHealthGrain : IGrainWithIntegerKey
{
    [Alias("get")]
    Task<ServiceHealth> GetAsync();
}
