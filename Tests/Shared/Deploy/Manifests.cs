using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using k8s;
using k8s.Models;

namespace Streaming.Tests.Deploy;

/// <summary>What an overlay asks Kubernetes for, in the classes of its API.</summary>
internal sealed class Manifests(string yaml)
{
    private static readonly ConcurrentDictionary<string, Task<Manifests>> Rendered = new();

    public string Yaml => yaml;

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> All { get; } = [.. ReadStrictly(yaml)];

    public IEnumerable<Workload> Workloads =>
    [
        .. OfKind<V1Deployment>().Select(deployment => new Workload(deployment, deployment.Spec.Template, deployment.Spec.Selector)),
        .. OfKind<V1StatefulSet>().Select(set => new Workload(set, set.Spec.Template, set.Spec.Selector)),
        .. OfKind<V1Job>().Select(job => new Workload(job, job.Spec.Template, Selector: null)),
    ];

    public Workload Silo => Workloads.Single(workload => workload.Name == "silo");

    public Workload Front => Workloads.Single(workload => workload.Name == "front");

    public Workload Migration => Workloads.Single(workload => workload.Name == "migration");

    /// <summary>The programs of this repository.</summary>
    public IEnumerable<Workload> Programs => [Silo, Front, Migration];

    public static Task<Manifests> OfAsync(string overlay, params string[] components) => Rendered.GetOrAdd(
        string.Join('+', [overlay, .. components]), async _ => new Manifests(await Kubectl.RenderAsync(overlay, components)));

    /// <exception cref="YamlDotNet.Core.YamlException">A field is unknown, doubled or of another type.</exception>
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> ReadStrictly(string yaml) =>
        KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>();

    public IEnumerable<T> OfKind<T>() => All.OfType<T>();

    public T Find<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => Assert.Single(OfKind<T>(), found => found.Metadata.Name == name);

    /// <summary>What a container's program finds in its environment.</summary>
    /// <param name="field">What the kubelet says of the pod.</param>
    public Dictionary<string, string> EnvironmentOf(V1Container container, Func<string, string> field)
    {
        var environment = new Dictionary<string, string>();
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in Find<V1ConfigMap>(source.ConfigMapRef.Name).Data)
                environment[name] = value;
        }

        foreach (var variable in container.Env ?? [])
        {
            if (ValueOf(variable, field) is { } value)
                environment[variable.Name] = value;
        }

        return environment;
    }

    /// <summary>Null for one that is optional and not there.</summary>
    private string? ValueOf(V1EnvVar variable, Func<string, string> field)
    {
        if (variable.ValueFrom?.FieldRef is { } reference)
            return field(reference.FieldPath);

        if (variable.ValueFrom?.SecretKeyRef is not { } key)
            return variable.Value;

        if (key.Optional == true && OfKind<V1Secret>().All(secret => secret.Metadata.Name != key.Name || !secret.Data.ContainsKey(key.Key)))
            return null;

        var data = Find<V1Secret>(key.Name).Data;
        Assert.True(data.ContainsKey(key.Key), $"The secret {key.Name} has no {key.Key}.");
        return Encoding.UTF8.GetString(data[key.Key]);
    }
}

/// <summary>What makes pods of a template.</summary>
internal sealed record Workload(IKubernetesObject<V1ObjectMeta> Owner, V1PodTemplateSpec Template, V1LabelSelector? Selector)
{
    public string Name => Owner.Metadata.Name;

    public V1PodSpec Pod => Template.Spec;

    public V1Container Container => Assert.Single(Pod.Containers);

    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    /// <summary>It runs to an end, so nobody asks for its health.</summary>
    public bool RunsOnce => Owner is V1Job;

    /// <summary>By its number or the name of it.</summary>
    public int PortOf(IntOrString port) => int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number)
        ? number
        : Assert.Single(Container.Ports, named => named.Name == port.Value).ContainerPort;
}
