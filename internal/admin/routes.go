package admin

import (
	"net/http"
	"slices"
	"time"

	"plenary/internal/auth"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Routes lists every address of the panel, with who may use it. What may be done to which entry is asked again by the
// packages that do it.
func (a *Admin) Routes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []web.Route{
		{Method: get, Path: "/admin/static/*name", Rule: web.Public, Class: web.Static, Handle: a.static},

		{Method: get, Path: "/admin/sign-in", Rule: web.Public, Class: web.Personal, Handle: a.signInPage},
		{Method: post, Path: "/admin/sign-in", Rule: web.Public, Class: web.Personal, Handle: a.signIn, MaxBody: 16 << 10},
		{Method: post, Path: "/admin/sign-out", Rule: web.SignedIn, Class: web.Personal, Unfinished: true, WhileSeeing: true, Handle: a.signOut},
		{Method: get, Path: "/admin/forgotten", Rule: web.Public, Class: web.Personal, Handle: a.canReset(a.forgottenPage)},
		{Method: post, Path: "/admin/forgotten", Rule: web.Public, Class: web.Personal, Handle: a.canReset(a.forgotten), MaxBody: 16 << 10},
		{Method: get, Path: "/admin/reset", Rule: web.Public, Class: web.Secret, Handle: a.canReset(a.resetPage)},
		{Method: post, Path: "/admin/reset", Rule: web.Public, Class: web.Secret, Handle: a.canReset(a.reset), MaxBody: 16 << 10},
		{Method: get, Path: "/admin/setup", Rule: web.Public, Class: web.Secret, Handle: a.setupPage},
		{Method: post, Path: "/admin/setup", Rule: web.Public, Class: web.Secret, Handle: a.setup, MaxBody: 16 << 10},

		{Method: get, Path: "/admin", Rule: web.SignedIn, Class: web.Personal, Handle: a.dashboard},
		{Method: get, Path: "/admin/", Rule: web.SignedIn, Class: web.Personal, Handle: func(c *gin.Context) error { return web.Redirect(c, "/admin") }},
		{Method: get, Path: "/admin/promises", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.promises},
		{Method: get, Path: "/admin/help", Rule: web.SignedIn, Class: web.Personal, Handle: a.help},

		{Method: get, Path: "/admin/account", Rule: web.SignedIn, Class: web.Personal, Handle: a.accountPage},
		{Method: post, Path: "/admin/account", Rule: web.SignedIn, Class: web.Personal, Handle: a.saveAccount},
		{Method: post, Path: "/admin/account/password", Rule: web.SignedIn, Class: web.Personal, Handle: a.savePassword},
		{Method: post, Path: "/admin/account/look", Rule: web.SignedIn, Class: web.Personal, Unfinished: true, Handle: a.saveLook},
		{Method: post, Path: "/admin/account/sessions", Rule: web.SignedIn, Class: web.Personal, Handle: a.endSession},

		{Method: get, Path: "/admin/entries", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.list("")},
		{Method: post, Path: "/admin/entries", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.bulk(""), Timeout: time.Minute},
		{Method: get, Path: "/admin/trash", Rule: web.Needs(auth.Delete), Class: web.Personal, Handle: a.trash},
		{Method: post, Path: "/admin/trash", Rule: web.Needs(auth.Delete), Class: web.Personal, Handle: a.restore},

		{Method: get, Path: "/admin/settings", Rule: web.Needs(auth.ManageSettings), Class: web.Personal, Handle: a.settingsPage},
		{Method: post, Path: "/admin/settings", Rule: web.Needs(auth.ManageSettings), Class: web.Personal, Handle: a.saveSettings},

		{Method: get, Path: "/admin/users", Rule: web.Needs(auth.ManageUsers), Class: web.Personal, Handle: a.users},
		{Method: post, Path: "/admin/users", Rule: web.Needs(auth.ManageUsers), Class: web.Personal, Handle: a.addUser},
		{Method: get, Path: "/admin/users/:id", Rule: web.Needs(auth.ManageUsers), Class: web.Personal, Handle: a.userPage},
		{Method: post, Path: "/admin/users/:id", Rule: web.Needs(auth.ManageUsers), Class: web.Personal, Handle: a.saveUser},

		{Method: get, Path: "/admin/outbox", Rule: web.Needs(auth.SendMessages), Class: web.Personal, Handle: a.outbox},
		{Method: post, Path: "/admin/outbox", Rule: web.Needs(auth.SendMessages), Class: web.Personal, Handle: a.outboxBulk},
		{Method: post, Path: "/admin/outbox/test", Rule: web.Needs(auth.SendMessages), Class: web.Personal, Handle: a.testLetter},
		{Method: get, Path: "/admin/outbox/tasks", Rule: web.Needs(auth.ManageInstance), Class: web.Personal, Handle: a.tasks},
		{Method: post, Path: "/admin/outbox/tasks", Rule: web.Needs(auth.ManageInstance), Class: web.Personal, Handle: a.saveTask},
		{Method: get, Path: "/admin/outbox/:id", Rule: web.Needs(auth.SendMessages), Class: web.Personal, Handle: a.letterPage},
		{Method: post, Path: "/admin/outbox/:id", Rule: web.Needs(auth.SendMessages), Class: web.Personal, Handle: a.saveLetter, MaxBody: 256 << 10},
	}
	for _, k := range a.content.Kinds {
		routes = append(routes,
			web.Route{Method: get, Path: listURL(k), Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.list(k.Name)},
			web.Route{Method: post, Path: listURL(k), Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.bulk(k.Name), Timeout: time.Minute})
	}
	return slices.Concat(routes, a.entryRoutes(), a.publishedRoutes(), a.registrantRoutes(), a.messageRoutes(), a.surveyRoutes(), a.discussionRoutes(), a.commentRoutes(), a.clearanceRoutes(), a.translateRoutes(), a.boardRoutes(), a.guestRoutes(), a.rightsRoutes(), a.suggestionRoutes(), a.partRoutes(), a.jointRoutes(), a.writingRoutes(), a.replaceRoutes(), a.exchangeRoutes(), a.termRoutes(), a.unitHelpRoutes(), a.mediaRoutes(), a.findRoutes(), a.viewRoutes(), a.undoRoutes(), a.securityRoutes(), a.logRoutes(), a.privacyRoutes())
}

// mediaRoutes are those of files. Large ones take their time.
func (a *Admin) mediaRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	const long = 30 * time.Minute
	return []web.Route{
		{Method: get, Path: "/admin/media", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.mediaList},
		{Method: post, Path: "/admin/media", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.mediaBulk, Timeout: time.Minute},
		{Method: post, Path: "/admin/media/undo", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.mediaUndo, Timeout: time.Minute},
		{Method: post, Path: "/admin/media/upload", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.upload, Upload: true, MaxBody: a.uploadLimit(), Timeout: long},
		{Method: get, Path: "/admin/media/:id", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.mediaPage},
		{Method: get, Path: "/admin/media/:id/words", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.mediaWords},
		{Method: get, Path: "/admin/media/:id/:name", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.mediaFile, CSP: web.FileCSP, Timeout: long},
		{Method: get, Path: "/admin/media/:id/versions/:number", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.mediaVersion, CSP: web.FileCSP, Timeout: long},
		{Method: post, Path: "/admin/media/:id", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.mediaSave},
		{Method: post, Path: "/admin/media/:id/replace", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.mediaReplace, Upload: true, MaxBody: a.uploadLimit(), Timeout: long},
		{Method: post, Path: "/admin/media/:id/delete", Rule: web.Needs(auth.Delete), Class: web.Personal, Handle: a.mediaDelete},
		{Method: get, Path: "/admin/trash/files", Rule: web.Needs(auth.Delete), Class: web.Personal, Handle: a.fileTrash},
		{Method: post, Path: "/admin/trash/files", Rule: web.Needs(auth.Delete), Class: web.Personal, Handle: a.restoreFile},

		{Method: post, Path: "/admin/uploads", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.beginUpload, MaxBody: 16 << 10},
		{Method: get, Path: "/admin/uploads/:upload", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.uploadState},
		{Method: http.MethodPatch, Path: "/admin/uploads/:upload", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.uploadPiece, Upload: true, MaxBody: media.PieceSize, Timeout: long},
		{Method: post, Path: "/admin/uploads/:upload/delete", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.dropUpload},
	}
}
