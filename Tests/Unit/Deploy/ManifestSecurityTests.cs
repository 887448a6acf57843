using System.Text.RegularExpressions;
using k8s.Models;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Deploy;

/// <summary>What pods may do, what they get, and which secrets nobody finds in the repository.</summary>
public sealed partial class ManifestSecurityTests
{
    // APP_UID of Microsoft's images.
    private const long ProgramUser = 1654;

    public static TheoryData<string> Overlays => ManifestTests.Overlays;

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Pods_run_as_no_root_with_no_rights_on_a_file_system_that_they_cannot_write_to(string overlay)
    {
        var manifests = await ManifestTests.OfAsync(overlay);

        foreach (var workload in manifests.Workloads)
        {
            Assert.True(workload.Pod.SecurityContext.RunAsNonRoot, workload.Name);
            Assert.Equal("RuntimeDefault", workload.Pod.SecurityContext.SeccompProfile.Type);
            Assert.False(workload.Pod.AutomountServiceAccountToken, workload.Name);
            Assert.False(workload.Pod.EnableServiceLinks, workload.Name);
            Assert.All(workload.Pod.Containers.Concat(workload.Pod.InitContainers ?? []), container =>
            {
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem, container.Name);
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation, container.Name);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.Null(container.SecurityContext.Capabilities.Add);
                Assert.NotEqual(true, container.SecurityContext.Privileged);
            });
            Assert.All(workload.Pod.Volumes ?? [], volume => Assert.Null(volume.HostPath));
        }

        Assert.All(manifests.Programs, program => Assert.Equal(ProgramUser, program.Pod.SecurityContext.RunAsUser));
        // Sockets for diagnosis, and what ffmpeg starts in.
        Assert.All(manifests.Programs, program => Assert.Contains(program.Container.VolumeMounts, mount => mount.MountPath == "/tmp"));
        Assert.Equal("restricted", manifests.Find<V1Namespace>("streaming").Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Containers_say_what_they_need_and_those_that_stay_how_they_are(string overlay)
    {
        foreach (var workload in (await ManifestTests.OfAsync(overlay)).Workloads)
        {
            var container = workload.Container;
            Assert.Superset(new HashSet<string> { "cpu", "memory" }, container.Resources.Requests.Keys.ToHashSet());
            Assert.True(container.Resources.Limits["memory"].ToInt64() >= container.Resources.Requests["memory"].ToInt64());
            Assert.Equal(!workload.RunsOnce, container.StartupProbe is not null && container.ReadinessProbe is not null && container.LivenessProbe is not null);
            // A volume without a limit takes the node's disk.
            Assert.All((workload.Pod.Volumes ?? []).Where(volume => volume.EmptyDir is not null), volume => Assert.NotNull(volume.EmptyDir.SizeLimit));
            Assert.All(container.VolumeMounts ?? [], mount => Assert.True(
                workload.Pod.Volumes?.Any(volume => volume.Name == mount.Name) == true
                || workload.Owner is V1StatefulSet set && set.Spec.VolumeClaimTemplates.Any(claim => claim.Metadata.Name == mount.Name), $"{workload.Name} has no volume {mount.Name}."));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Images_are_pinned_by_a_version(string overlay) =>
        Assert.All((await ManifestTests.OfAsync(overlay)).Workloads, workload => Assert.Matches(@"(:\d+\.\d+[.\w-]*|@sha256:[0-9a-f]{64})$", workload.Container.Image));

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task What_is_secret_comes_from_secrets(string overlay)
    {
        var manifests = await ManifestTests.OfAsync(overlay);
        var secret = manifests.OfKind<V1Secret>().SelectMany(found => found.Data.Values).Select(System.Text.Encoding.UTF8.GetString).ToList();

        Assert.All(manifests.Workloads, workload => Assert.All(workload.Container.Env ?? [], variable =>
        {
            if (SecretName().IsMatch(variable.Name))
                Assert.NotNull(variable.ValueFrom?.SecretKeyRef);
        }));
        Assert.All(manifests.OfKind<V1ConfigMap>(), map => Assert.DoesNotContain(map.Data, entry => SecretName().IsMatch(entry.Key) || secret.Contains(entry.Value)));
        Assert.NotEmpty(secret);
    }

    [Fact]
    public void Repository_has_no_secret()
    {
        var folder = Path.Combine(ServerScript.Repository, "deploy", "kubernetes");
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".env", StringComparison.Ordinal)).ToList();

        Assert.All(files, file => Assert.DoesNotMatch(@"(?m)^kind: Secret$", File.ReadAllText(file)));
        var examples = files.Where(file => file.EndsWith(".env.example", StringComparison.Ordinal)).SelectMany(File.ReadAllLines).Where(line => !line.StartsWith('#')).ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, line => Assert.Matches(@"([Pp]assword=([;,]|$)|://\w+:@|-(key|secret)=$)", line));
        Assert.Contains("deploy/kubernetes/**/*.env", File.ReadAllLines(Path.Combine(ServerScript.Repository, ".gitignore")));
    }

    [GeneratedRegex("(?i)password$|secret$|signingkey$|apikey$|cli_auth$|^ConnectionStrings__")]
    private static partial Regex SecretName();
}
