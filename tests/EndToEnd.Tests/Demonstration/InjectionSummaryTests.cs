using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Demonstration;

namespace SidecarAgent.EndToEnd.Tests.Demonstration;

public class InjectionSummaryTests
{
    [Fact]
    public void It_tells_what_was_added_and_nothing_else()
    {
        var before = Pod("""
            { "spec": { "volumes": [ { "name": "cache", "emptyDir": {} } ],
              "containers": [ { "name": "app", "image": "app", "volumeMounts": [ { "name": "cache", "mountPath": "/cache" } ] } ] } }
            """);
        var after = Pod("""
            { "spec": {
              "securityContext": { "supplementalGroups": [ 65532 ] },
              "volumes": [
                { "name": "cache", "emptyDir": {} },
                { "name": "secrets", "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } },
                { "name": "token", "projected": { "sources": [ { "serviceAccountToken":
                  { "path": "token", "audience": "sidecar-broker", "expirationSeconds": 3600 } } ] } } ],
              "initContainers": [ { "name": "agent", "image": "sidecar-agent", "restartPolicy": "Always",
                "lifecycle": { "postStart": { "exec": { "command": [ "/sidecar-agent", "wait" ] } } } } ],
              "containers": [ { "name": "app", "image": "app", "volumeMounts": [
                { "name": "cache", "mountPath": "/cache" },
                { "name": "secrets", "mountPath": "/secrets", "readOnly": true } ] } ] } }
            """);

        Assert.Equal(
            [
                "volume secrets: in memory, at most 1Mi",
                "volume token: workload token for the audience sidecar-broker, good for 3600 s",
                "init container agent: native sidecar, image sidecar-agent; started when '/sidecar-agent wait' succeeds",
                "container app: /secrets mounted read-only",
                "the pod's supplementalGroups: [65532]",
            ],
            InjectionSummary.Of(before, after));
    }

    private static JsonObject Pod(string json) => JsonNode.Parse(json)!.AsObject();
}
