using System.Text;
using System.Text.Json.Nodes;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// What an API server sends about a pod of an ordinary Deployment: three containers with probes, resources and variables,
/// volumes, its own bookkeeping, and annotations that ask for three files. Some 10,000 bytes.
/// </summary>
internal static class ReviewOfTenKilobytes
{
    private const int Containers = 3;
    private const int Variables = 17;

    public static byte[] Write(bool asks) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["kind"] = "AdmissionReview",
        ["apiVersion"] = "admission.k8s.io/v1",
        ["request"] = new JsonObject
        {
            ["uid"] = "6f1f0a0e-7d1e-4a43-9c3b-5f0b3d1f2a77",
            ["kind"] = JsonNode.Parse("""{"group":"","version":"v1","kind":"Pod"}"""),
            ["resource"] = JsonNode.Parse("""{"group":"","version":"v1","resource":"pods"}"""),
            ["requestKind"] = JsonNode.Parse("""{"group":"","version":"v1","kind":"Pod"}"""),
            ["requestResource"] = JsonNode.Parse("""{"group":"","version":"v1","resource":"pods"}"""),
            ["namespace"] = "shop",
            ["operation"] = "CREATE",
            ["userInfo"] = JsonNode.Parse("""
                {"username":"system:serviceaccount:kube-system:replicaset-controller","uid":"a1","groups":["system:serviceaccounts","system:authenticated"]}
                """),
            ["object"] = Pod(asks),
            ["oldObject"] = null,
            ["dryRun"] = false,
            ["options"] = JsonNode.Parse("""{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}"""),
        },
    }.ToJsonString());

    private static JsonObject Pod(bool asks) => new()
    {
        ["kind"] = "Pod",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject
        {
            ["generateName"] = "orders-7c9d8b6f5d-",
            ["creationTimestamp"] = null,
            ["labels"] = JsonNode.Parse("""{"app.kubernetes.io/name":"orders","pod-template-hash":"7c9d8b6f5d"}"""),
            ["annotations"] = asks ? Annotations() : new JsonObject { ["prometheus.io/scrape"] = "true" },
            ["ownerReferences"] = JsonNode.Parse("""
                [{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"orders-7c9d8b6f5d","uid":"b2","controller":true,"blockOwnerDeletion":true}]
                """),
            ["managedFields"] = new JsonArray(new JsonObject
            {
                ["manager"] = "kube-controller-manager",
                ["operation"] = "Update",
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = new JsonObject { ["f:spec"] = new JsonObject(All().Select(Managed)) },
            }),
        },
        ["spec"] = new JsonObject
        {
            ["volumes"] = JsonNode.Parse("""
                [{"name":"kube-api-access-x2x7q","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}}],"defaultMode":420}},
                 {"name":"cache","emptyDir":{"sizeLimit":"1Gi"}}]
                """),
            ["containers"] = new JsonArray([.. All().Select(Container)]),
            ["restartPolicy"] = "Always",
            ["serviceAccountName"] = "orders",
            ["securityContext"] = JsonNode.Parse("""{"runAsNonRoot":true,"runAsUser":10001}"""),
            ["tolerations"] = JsonNode.Parse("""[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]"""),
        },
    };

    private static JsonObject Annotations() => new()
    {
        ["prometheus.io/scrape"] = "true",
        ["sidecar-agent.io/inject"] = "true",
        ["sidecar-agent.io/secret-db.json"] = "database/creds/orders",
        ["sidecar-agent.io/secret-api-key"] = "kv/shop/orders#apiKey",
        ["sidecar-agent.io/template-app.conf"] = "user={{ (secret \"kv/shop/orders\").username }}\n",
        ["sidecar-agent.io/notify"] = "http:8080/-/reload",
    };

    private static JsonNode Container(int number) => new JsonObject
    {
        ["name"] = $"container-{number}",
        ["image"] = $"registry.example/shop/container-{number}:1.27.4",
        ["args"] = new JsonArray("--listen=:8080", "--config=/etc/app/config.yaml"),
        ["ports"] = new JsonArray(new JsonObject { ["name"] = $"http-{number}", ["containerPort"] = 8080 + number, ["protocol"] = "TCP" }),
        ["env"] = new JsonArray([.. Enumerable.Range(0, Variables).Select(i => (JsonNode)new JsonObject
        {
            ["name"] = $"FEATURE_{number}_SETTING_{i}",
            ["value"] = $"value-of-setting-{i}.shop.svc.cluster.local",
        })]),
        ["resources"] = JsonNode.Parse("""{"limits":{"memory":"256Mi"},"requests":{"cpu":"100m","memory":"128Mi"}}"""),
        ["volumeMounts"] = JsonNode.Parse("""
            [{"name":"cache","mountPath":"/var/cache/app"},
             {"name":"kube-api-access-x2x7q","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]
            """),
        ["livenessProbe"] = JsonNode.Parse("""{"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10}"""),
        ["terminationMessagePath"] = "/dev/termination-log",
        ["imagePullPolicy"] = "IfNotPresent",
        ["securityContext"] = JsonNode.Parse("""{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true}"""),
    };

    private static KeyValuePair<string, JsonNode?> Managed(int number) => new(
        $"k:{{\"name\":\"container-{number}\"}}",
        JsonNode.Parse("""{".":{},"f:args":{},"f:env":{},"f:image":{},"f:livenessProbe":{"f:httpGet":{"f:path":{},"f:port":{}}},"f:resources":{}}"""));

    private static IEnumerable<int> All() => Enumerable.Range(1, Containers);
}
