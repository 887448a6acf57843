using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using MongoDB.Driver;
using Npgsql;
using StackExchange.Redis;
using Streaming.Silo;
using Streaming.Silo.Commands;
using Streaming.Silo.Health;
using Streaming.Storage;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Deploy;

/// <summary>Docker does not run where these tests do: the compose file is checked against what the programs really have.</summary>
public sealed partial class ComposeTests
{
    private const string Secret = "0123456789abcdef";
    private const string SecretReference = "${*}";

    private readonly ComposeFile compose = ComposeFile.Read();
    private readonly Dockerfile dockerfile = Dockerfile.Read();

    [Fact]
    public void There_are_several_silos_and_a_front()
    {
        Assert.Equal(["silo-1", "silo-2"], compose.Silos.Select(silo => silo.Name));
        Assert.Equal(["front"], compose.Fronts.Select(front => front.Name));
    }

    [Fact]
    public void Every_setting_is_one_that_the_programs_have() =>
        Assert.All(compose.Programs, program => Settings.AssertKnown(Filled(program)));

    [Fact]
    public void Every_connection_string_is_read_by_its_driver_and_names_a_service_and_its_database()
    {
        foreach (var program in compose.Programs)
        {
            foreach (var (name, text) in Filled(program).Where(setting => setting.Key.StartsWith("ConnectionStrings__", StringComparison.Ordinal)))
            {
                switch (name["ConnectionStrings__".Length..])
                {
                    case nameof(ConnectionOptions.Mongo):
                        var mongo = new MongoUrl(text);
                        var server = compose.Services[mongo.Server.Host];
                        Assert.Equal(27017, mongo.Server.Port);
                        Assert.NotNull(mongo.DatabaseName);
                        Assert.Equal("admin", mongo.AuthenticationSource);
                        Assert.Equal(server.Environment["MONGO_INITDB_ROOT_USERNAME"], mongo.Username);
                        Assert.Equal(Secret, mongo.Password);
                        break;
                    case nameof(ConnectionOptions.Redis):
                        var redis = ConfigurationOptions.Parse(text);
                        var endpoint = Assert.IsType<System.Net.DnsEndPoint>(Assert.Single(redis.EndPoints));
                        Assert.StartsWith("redis:", compose.Services[endpoint.Host].Image, StringComparison.Ordinal);
                        Assert.Equal(6379, endpoint.Port);
                        Assert.Equal(Secret, redis.Password);
                        break;
                    default:
                        var postgres = new NpgsqlConnectionStringBuilder(text);
                        Assert.Equal(5432, postgres.Port);
                        Assert.Equal(compose.Fronts.Contains(program) ? "streaming_front" : "postgres", postgres.Username);
                        Assert.Equal(Secret, postgres.Password);
                        Assert.Contains(postgres.Database, DatabasesOf(compose.Services[postgres.Host!]));
                        break;
                }
            }
        }
    }

    [Fact]
    public void Silos_name_every_server_and_the_front_only_what_a_client_needs()
    {
        var all = typeof(ConnectionOptions).GetProperties().Select(property => $"ConnectionStrings__{property.Name}").ToHashSet();

        Assert.All(compose.Silos, silo => Assert.Superset(all, silo.Environment.Keys.ToHashSet()));
        Assert.All(compose.Fronts, front => Assert.Equal(
            [$"ConnectionStrings__{nameof(ConnectionOptions.Orleans)}"], front.Environment.Keys.Where(all.Contains)));
        Assert.All(compose.Programs, program => Assert.Equal(
            StorageFamily.Servers, Settings.Read(Filled(program)).GetSection(StorageOptions.Section).Get<StorageOptions>()!.Family));
        Assert.All(compose.Programs, program => Assert.Equal("Production", program.Environment["ASPNETCORE_ENVIRONMENT"]));
    }

    [Fact]
    public void Silos_and_fronts_find_each_other()
    {
        var fronts = compose.Fronts.Select(front => (Service: front, Cluster: ClusterOptions.Read(Settings.Read(Filled(front))))).ToList();
        foreach (var silo in compose.Silos)
        {
            var cluster = ClusterOptions.Read(Settings.Read(Filled(silo)));
            Assert.Equal(ClusterMode.Embedded, cluster.Mode);
            // A name with one address, so one network.
            Assert.Equal(silo.Name, cluster.AdvertisedAddress);
            var network = Assert.Single(silo.Networks);
            Assert.NotEqual(0, cluster.SiloPort);
            Assert.NotEqual(0, cluster.GatewayPort);
            Assert.All(fronts, front => Assert.Contains(network, front.Service.Networks));
            Assert.All(fronts, front => Assert.Equal(cluster.Id, front.Cluster.Id));
        }

        Assert.All(fronts, front => Assert.Equal(ClusterMode.Client, front.Cluster.Mode));
        Assert.All(compose.Services.Values, service => Assert.Subset(compose.Networks.ToHashSet(), service.Networks.ToHashSet()));
    }

    [Fact]
    public void Only_the_front_is_published_and_by_default_to_this_machine_alone()
    {
        var published = compose.Always.SelectMany(service => service.Ports.Select(port => (service.Name, Port: ComposeFile.Fill(port, ""))));

        Assert.Equal([("front", $"127.0.0.1:3000:{DockerfileTests.ListensOn(dockerfile["front"])}")], published);
    }

    [Fact]
    public async Task Health_checks_of_the_programs_ask_for_a_route_that_there_is()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapHealth();
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText).ToList();

        foreach (var program in compose.Programs)
        {
            var stage = dockerfile[program.Target!];
            string[] test = [.. ComposeFile.AsList(program.HealthCheck["test"])];

            Assert.Equal(["CMD", .. stage.Only("ENTRYPOINT").Command, HealthProbe.Command.Name, DockerfileTests.ListensOn(stage)], test[..^1]);
            Assert.Contains(test[^1], routes);
            Assert.Equal(stage.Only("HEALTHCHECK").Command, test[1..]);
        }
    }

    [Fact]
    public void Every_service_that_stays_has_a_health_check() =>
        Assert.All(compose.Services.Values.Where(service => !service.RunsOnce), service =>
        {
            Assert.NotEmpty(ComposeFile.AsList(service.HealthCheck["test"]));
            Assert.All(["interval", "timeout", "retries", "start_period"], key => Assert.Contains(key, service.HealthCheck.Keys));
        });

    [Fact]
    public void Services_wait_for_health_or_for_the_end_of_what_runs_once()
    {
        foreach (var service in compose.Services.Values)
        {
            Assert.All(service.DependsOn, other => Assert.Equal(
                compose.Services[other.Key].RunsOnce ? "service_completed_successfully" : "service_healthy", other.Value));
            Assert.DoesNotContain(service.Name, compose.AllBefore(service.Name));
        }
    }

    [Fact]
    public void Databases_start_before_silos_and_silos_before_the_front()
    {
        var programs = compose.Programs.Select(program => program.Name).ToHashSet();
        var servers = compose.Always.Select(service => service.Name).Where(name => !programs.Contains(name)).ToHashSet();

        Assert.All(compose.Silos, silo => Assert.Superset(servers, compose.AllBefore(silo.Name)));
        Assert.All(compose.Fronts, front => Assert.Superset(compose.Silos.Select(silo => silo.Name).ToHashSet(), compose.AllBefore(front.Name)));
    }

    [Fact]
    public void Coordinator_learns_of_every_worker_once_all_are_healthy()
    {
        var nodes = compose.Services["citus-nodes"];
        var script = File.ReadAllText(PathOf("deploy/citus/nodes.sql"));
        var workers = compose.Services.Keys.Where(name => name.StartsWith("citus-worker", StringComparison.Ordinal)).ToList();

        Assert.Equal(2, workers.Count);
        Assert.Superset(workers.Append("citus-coordinator").ToHashSet(), nodes.DependsOn.Keys.ToHashSet());
        Assert.Equal(workers, AddedNode().Matches(script).Select(match => match.Groups[1].Value));
        Assert.Contains($"citus_set_coordinator_host('{nodes.Environment["PGHOST"]}', 5432)", script, StringComparison.Ordinal);
        // Workers hold the same database, and know its password.
        Assert.All(workers.Append("citus-coordinator").Select(name => compose.Services[name]), node =>
        {
            Assert.Equal(nodes.Image, node.Image);
            Assert.Equal(nodes.Environment["PGDATABASE"], node.Environment["POSTGRES_DB"]);
            Assert.Equal(nodes.Environment["PGPASSWORD"], node.Environment["PGPASSWORD"]);
        });
    }

    [Fact]
    public void Front_logs_in_by_a_role_that_is_made_before_it_starts_and_reads_the_membership_alone()
    {
        var nodes = compose.Services["citus-nodes"];
        var made = File.ReadAllText(PathOf("deploy/citus/nodes.sql"));
        var granted = File.ReadAllText(PathOf("sql/orleans/006_cluster_client.sql"));

        Assert.All(compose.Fronts, front => Assert.Contains(nodes.Name, compose.AllBefore(front.Name)));
        Assert.Contains("GRANT streaming_cluster_client TO streaming_front", made, StringComparison.Ordinal);
        Assert.Contains("\\getenv front_password FRONT_PASSWORD", made, StringComparison.Ordinal);
        Assert.Contains("FRONT_PASSWORD", nodes.Environment.Keys);
        Assert.Contains("GRANT SELECT ON OrleansQuery, OrleansMembershipTable, OrleansMembershipVersionTable TO streaming_cluster_client", granted, StringComparison.Ordinal);
    }

    [Fact]
    public void Master_writes_what_logical_replication_needs() =>
        Assert.Contains("wal_level=logical", ComposeFile.AsList(compose.Services["analytics-master"].Settings["command"]));

    [Fact]
    public void Images_are_pinned() => Assert.All(compose.Services.Values, service =>
    {
        if (service.Target is null)
            Assert.Matches(@"^[a-z/]+:v?\d+\.\d+[\w.-]*$", service.Image);
        else
            // Made here, from what the Dockerfile pins.
            Assert.Equal($"streaming-{service.Target}:local", service.Image);
    });

    [Fact]
    public void Variables_are_those_of_the_example_which_has_no_secret()
    {
        var example = File.ReadAllLines(PathOf(".env.example")).Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

        Assert.Equal(compose.Variables.Order(), example.Keys.Order());
        foreach (var (name, value) in example)
        {
            // One without a default has to be set: an empty password is refused.
            var isRequired = !compose.Text.Contains($"${{{name}:-{value}}}", StringComparison.Ordinal);
            Assert.Equal(isRequired, value.Length == 0);
            if (isRequired)
                Assert.All(Reference(name).Matches(compose.Text), match => Assert.StartsWith($"${{{name}:?", match.Value, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void No_secret_is_written_down()
    {
        // Each reference becomes a mark; where a password belongs, there must be one and nothing else.
        var text = VariableReference().Replace(compose.Text, SecretReference);
        var secrets = SecretValue().Matches(text).Select(match => match.Groups["value"].Value).ToList();

        Assert.True(secrets.Count > 10, $"Only {secrets.Count} places were found.");
        Assert.All(secrets, secret => Assert.Equal(SecretReference, secret));
    }

    [Fact]
    public void Programs_are_given_longer_to_stop_than_they_take() =>
        Assert.All(compose.Programs, program => Assert.True(program.StopGracePeriod > Drain.Budget));

    [Fact]
    public void Databases_keep_their_data_in_volumes_that_there_are()
    {
        foreach (var volume in compose.Services.Values.SelectMany(service => service.Volumes).Select(volume => volume.Split(':')))
        {
            if (volume[0].StartsWith('.'))
                Assert.True(File.Exists(PathOf(volume[0])), $"There is no {volume[0]}.");
            else
                Assert.Contains(volume[0], compose.Volumes);
        }

        Assert.All(compose.Services.Values.Where(service => service.Environment.ContainsKey("POSTGRES_DB")), service =>
            Assert.Contains($"{service.Name}:/var/lib/postgresql/data", service.Volumes));
    }

    [Fact]
    public void Media_are_in_one_volume_that_the_user_of_the_images_owns()
    {
        foreach (var program in compose.Programs)
        {
            Assert.Equal("/media", program.Environment["Media__Path"]);
            Assert.Contains("media:/media", program.Volumes);
            // A new volume takes the owner of the folder that it is mounted over.
            Assert.Contains(dockerfile[program.Target!].All("COPY"), copy =>
                copy.Arguments is ["--from=build", "--chown=$APP_UID:$APP_UID", _, "/out/media", "/media"]);
        }
    }

    private static Dictionary<string, string> Filled(ComposeService service)
    {
        var image = Dockerfile.Read()[service.Target!].Environment;
        var all = new Dictionary<string, string>(image);
        foreach (var (name, value) in service.Environment)
            all[name] = ComposeFile.Fill(value, Secret);

        return all;
    }

    /// <summary>The one of its environment, and those of scripts that its image runs.</summary>
    private static IEnumerable<string> DatabasesOf(ComposeService service) => service.Volumes
        .Where(volume => volume.Contains(":/docker-entrypoint-initdb.d/", StringComparison.Ordinal))
        .SelectMany(volume => CreatedDatabase().Matches(File.ReadAllText(PathOf(volume.Split(':')[0]))).Select(match => match.Groups[1].Value))
        .Append(service.Environment["POSTGRES_DB"]);

    private static string PathOf(string name) => Path.Combine(ServerScript.Repository, name);

    private static Regex Reference(string name) => new(string.Create(CultureInfo.InvariantCulture, $@"\$\{{{name}[^}}]*\}}"));

    [GeneratedRegex(@"citus_add_node\('([^']+)', 5432\)")]
    private static partial Regex AddedNode();

    [GeneratedRegex(@"CREATE DATABASE (\w+);")]
    private static partial Regex CreatedDatabase();

    [GeneratedRegex(@"\$\{[^}]*\}")]
    private static partial Regex VariableReference();

    // In connection strings, variables of images, arguments and URLs.
    [GeneratedRegex("""(?:PASSWORD: |REDISCLI_AUTH: |[Pp]assword=|--requirepass", "|mongodb://\w+:)(?<value>[^@;"\n]*)""")]
    private static partial Regex SecretValue();
}
