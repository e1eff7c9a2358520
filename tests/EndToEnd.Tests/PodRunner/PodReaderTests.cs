using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public class PodReaderTests
{
    private static readonly Guid Uid = Guid.Parse("309c0da9-fa96-4929-b7af-5a7d77a5779b");

    [Fact]
    public void A_pod_is_read_with_what_the_cluster_adds()
    {
        var pod = Read("""
            {
              "metadata": { "generateName": "orders-", "namespace": "shop", "labels": { "app": "orders" } },
              "spec": {
                "serviceAccountName": "orders",
                "restartPolicy": "Never",
                "volumes": [
                  { "name": "secrets", "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } },
                  { "name": "token", "projected": { "sources": [ { "serviceAccountToken":
                    { "path": "token", "audience": "sidecar-broker", "expirationSeconds": 600 } } ] } }
                ],
                "initContainers": [ { "name": "agent", "image": "agent", "restartPolicy": "Always",
                  "lifecycle": { "postStart": { "exec": { "command": [ "/agent", "wait" ] } } },
                  "volumeMounts": [ { "name": "secrets", "mountPath": "/secrets" } ] } ],
                "containers": [ { "name": "app", "image": "app", "args": [ "serve" ], "env": [
                  { "name": "APP", "valueFrom": { "fieldRef": { "fieldPath": "metadata.labels['app']" } } },
                  { "name": "NODE", "valueFrom": { "fieldRef": { "fieldPath": "spec.nodeName" } } } ] } ]
              }
            }
            """);

        Assert.Equal("shop", pod.Identity.Namespace);
        Assert.Equal("orders-309c0", pod.Identity.Name);
        Assert.Equal(Uid.ToString(), pod.Identity.Uid);
        Assert.Equal("orders", pod.Identity.ServiceAccount);
        Assert.Equal("local", pod.Identity.Node);
        Assert.Equal(RestartPolicy.Never, pod.RestartPolicy);
        Assert.Equal(new EmptyDirectoryVolume("secrets"), pod.Volumes[0]);
        Assert.Equal(
            new ProjectedToken("token", "sidecar-broker", TimeSpan.FromMinutes(10)),
            Assert.IsType<TokenVolume>(pod.Volumes[1]).Tokens.Single());
        var agent = pod.InitContainers.Single();
        Assert.True(agent.Sidecar);
        Assert.Equal(["/agent", "wait"], agent.PostStart);
        Assert.Equal(new VolumeMount("secrets", "/secrets"), agent.Mounts.Single());
        var app = pod.Containers.Single();
        Assert.False(app.Sidecar);
        Assert.Equal(["serve"], app.Args);
        Assert.Equal([new EnvironmentVariable("APP", "orders"), new EnvironmentVariable("NODE", "local")], app.Environment);
    }

    [Theory]
    [InlineData("""[]""", "the pod: expected an object")]
    [InlineData("""{ "metadata": { "name": "x" } }""", "spec: is missing")]
    [InlineData("""{ "metadata": { "name": "x" }, "spec": { "containers": {} } }""", "spec.containers: expected a list")]
    [InlineData("""{ "metadata": { "name": "x" }, "spec": { "containers": [ { "name": 7 } ] } }""",
        "spec.containers[0].name: expected a string")]
    [InlineData("""{ "metadata": { "name": "x" }, "spec": { "volumes": [ { "name": "v", "hostPath": {} } ] } }""",
        "spec.volumes[0].'v': the pod runner knows only emptyDir and projected volumes")]
    [InlineData("""
        { "metadata": { "name": "x" }, "spec": { "containers": [ { "name": "c", "image": "i",
        "env": [ { "name": "E", "valueFrom": { "secretKeyRef": {} } } ] } ] } }
        """,
        "spec.containers[0].env[0].valueFrom: the pod runner knows only fieldRef")]
    [InlineData("""
        { "metadata": { "name": "x" }, "spec": { "containers": [ { "name": "c", "image": "i",
        "lifecycle": { "preStop": {} } } ] } }
        """,
        "spec.containers[0].lifecycle.preStop: the pod runner does not run it")]
    public void What_cannot_be_run_here_is_refused_by_the_fields_name(string json, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidPodException>(() => Read(json)).Message);

    private static PodDefinition Read(string json) => PodReader.Read(JsonNode.Parse(json)!, "local", Uid);
}
