using System.Net;
using System.Text.RegularExpressions;
using k8s.Models;
using MongoDB.Driver;
using Npgsql;
using StackExchange.Redis;
using Streaming.Storage;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Deploy;

/// <summary>The overlay that brings its own databases, beside the compose file, which has the same.</summary>
public sealed partial class SingleNodeTests
{
    private readonly ComposeFile compose = ComposeFile.Read();

    [Fact]
    public async Task Every_connection_string_is_read_by_its_driver_and_names_a_service_and_its_database()
    {
        var manifests = await Manifests.OfAsync("single-node");
        foreach (var program in manifests.Programs)
        {
            foreach (var (name, text) in ManifestTests.EnvironmentOf(manifests, program).Where(setting => setting.Key.StartsWith("ConnectionStrings__", StringComparison.Ordinal)))
            {
                switch (name["ConnectionStrings__".Length..])
                {
                    case nameof(ConnectionOptions.Mongo):
                        var mongo = new MongoUrl(text);
                        var environment = EnvironmentOf(manifests, mongo.Server.Host, mongo.Server.Port);
                        Assert.NotNull(mongo.DatabaseName);
                        Assert.Equal((environment["MONGO_INITDB_ROOT_USERNAME"], environment["MONGO_INITDB_ROOT_PASSWORD"]), (mongo.Username, mongo.Password));
                        break;
                    case nameof(ConnectionOptions.Redis):
                        var redis = ConfigurationOptions.Parse(text);
                        var endpoint = Assert.IsType<DnsEndPoint>(Assert.Single(redis.EndPoints));
                        Assert.Equal(EnvironmentOf(manifests, endpoint.Host, endpoint.Port)["REDISCLI_AUTH"], redis.Password);
                        break;
                    default:
                        var postgres = new NpgsqlConnectionStringBuilder(text);
                        var server = EnvironmentOf(manifests, postgres.Host!, postgres.Port);
                        Assert.Contains(postgres.Database, DatabasesOf(manifests, postgres.Host!));
                        if (program.Name == "front")
                            Assert.Equal(("streaming_front", manifests.EnvironmentOf(Nodes(manifests).Container, field => field)["FRONT_PASSWORD"]), (postgres.Username, postgres.Password));
                        else
                            Assert.Equal(("postgres", server["POSTGRES_PASSWORD"]), (postgres.Username, postgres.Password));
                        break;
                }
            }
        }
    }

    [Fact]
    public async Task Servers_are_of_the_same_images_and_settings_as_in_the_compose_file()
    {
        var manifests = await Manifests.OfAsync("single-node");
        foreach (var workload in manifests.Workloads.Except(manifests.Programs))
        {
            var service = compose.Services[workload.Name == "citus-worker" ? "citus-worker-1" : workload.Name];
            Assert.Equal(service.Image, workload.Container.Image);
            if (!workload.RunsOnce && workload.Name != "redis")
                Assert.Equal(ComposeFile.AsList(service.Settings.GetValueOrDefault("command")), workload.Container.Args ?? []);
        }
    }

    [Fact]
    public async Task Coordinator_learns_of_every_worker_by_the_name_of_its_pod()
    {
        var manifests = await Manifests.OfAsync("single-node");
        var workers = manifests.Find<V1StatefulSet>("citus-worker");
        var names = Enumerable.Range(0, workers.Spec.Replicas!.Value).Select(index => $"{workers.Metadata.Name}-{index}.{workers.Spec.ServiceName}").ToList();
        var volume = Assert.Single(Nodes(manifests).Pod.Volumes);
        var script = manifests.Find<V1ConfigMap>(volume.ConfigMap.Name).Data["nodes.sql"];

        Assert.Equal(names, AddedNode().Matches(script).Select(match => match.Groups[1].Value));
        // But for those names it is the compose file's.
        Assert.Equal(
            AddedNode().Replace(File.ReadAllText(Path.Combine(ServerScript.Repository, "deploy/citus/nodes.sql")), ""),
            AddedNode().Replace(script, ""));
        Assert.Contains("--file=/sql/nodes.sql", Nodes(manifests).Container.Command);
    }

    [Fact]
    public async Task Migration_waits_until_the_coordinator_knows_every_worker()
    {
        var manifests = await Manifests.OfAsync("single-node");
        var waits = Assert.Single(manifests.Migration.Pod.InitContainers);
        var workers = manifests.Find<V1StatefulSet>("citus-worker").Spec.Replicas;

        Assert.Equal(Nodes(manifests).Container.Image, waits.Image);
        Assert.Contains($"--command=SELECT 1 / (count(*) / {workers}) FROM pg_dist_node WHERE groupid > 0", waits.Command);
        Assert.Contains("--set=ON_ERROR_STOP=1", waits.Command);
        var environment = manifests.EnvironmentOf(waits, field => field);
        Assert.Equal(environment["PGPASSWORD"], EnvironmentOf(manifests, environment["PGHOST"], 5432)["POSTGRES_PASSWORD"]);
        Assert.Contains(environment["PGDATABASE"], DatabasesOf(manifests, environment["PGHOST"]));
    }

    [Fact]
    public async Task Databases_keep_their_data_in_volumes_of_their_own()
    {
        var manifests = await Manifests.OfAsync("single-node");

        Assert.Equal(["analytics-master", "analytics-replica", "citus-coordinator", "citus-worker", "mongo"], manifests.OfKind<V1StatefulSet>().Select(set => set.Metadata.Name).Order());
        Assert.All(manifests.OfKind<V1StatefulSet>(), set =>
        {
            var claim = Assert.Single(set.Spec.VolumeClaimTemplates);
            Assert.Contains(set.Spec.Template.Spec.Containers[0].VolumeMounts, mount => mount.Name == claim.Metadata.Name && mount.MountPath is "/var/lib/postgresql/data" or "/data/db");
        });
    }

    private static Workload Nodes(Manifests manifests) => manifests.Workloads.Single(workload => workload.Name == "citus-nodes");

    /// <summary>Of the server behind a service's name and port.</summary>
    private static Dictionary<string, string> EnvironmentOf(Manifests manifests, string host, int port)
    {
        var service = manifests.Find<V1Service>(host);
        Assert.Contains(service.Spec.Ports, open => open.Port == port);
        var workload = manifests.Workloads.Single(workload => workload.Name == host);
        return manifests.EnvironmentOf(workload.Container, field => field);
    }

    private static IEnumerable<string> DatabasesOf(Manifests manifests, string host)
    {
        var workload = manifests.Workloads.Single(workload => workload.Name == host);
        var scripts = (workload.Pod.Volumes ?? []).Where(volume => volume.ConfigMap is not null).SelectMany(volume => manifests.Find<V1ConfigMap>(volume.ConfigMap.Name).Data.Values);
        return scripts.SelectMany(script => CreatedDatabase().Matches(script).Select(match => match.Groups[1].Value)).Append(EnvironmentOf(manifests, host, 5432)["POSTGRES_DB"]);
    }

    [GeneratedRegex(@"citus_add_node\('([^']+)', 5432\)")]
    private static partial Regex AddedNode();

    [GeneratedRegex(@"CREATE DATABASE (\w+);")]
    private static partial Regex CreatedDatabase();
}
